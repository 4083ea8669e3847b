import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { backends } from '../src/backends/backends.module.js';
import { loadConfiguration } from '../src/platform/config/load.js';

const root = join(import.meta.dirname, '..');
const file = join(root, 'sluice.example.yaml');
const example = readFileSync(file, 'utf8');
const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');

/** Every environment variable that the example names, commented ones included. */
const variables = [...example.matchAll(/\{ env: (\w+) \}/g)].map(([, name]) => name!);

/** The members that the page documents, each below the heading of what it is a member of. */
const members = page.split(/^## /m).flatMap((section) => {
  const [heading = ''] = section.split('\n');
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => [heading, name!] as const);
});

describe('sluice.example.yaml', () => {
  it('is valid, and has a target of every backend', () => {
    const environment = Object.fromEntries(variables.map((name) => [name, `value-of-${name}`]));
    const { targets } = loadConfiguration(file, backends, environment);
    expect(new Set(targets.map(({ backend }) => backend.kind))).toEqual(new Set(backends.map(({ kind }) => kind)));
  });

  it.each(members)('shows, under %s, the member %s', (_heading, name) => {
    expect(example).toMatch(new RegExp(`(?:^|[\\s{])${name}:`, 'm'));
  });

  it('is measured by a page that documents members', () => {
    expect(members.length).toBeGreaterThan(60);
  });
});

describe('The JSON Schema of the configuration', () => {
  const schema = JSON.parse(readFileSync(join(root, 'docs', 'configuration.schema.json'), 'utf8')) as object;
  const isValid = new Ajv({ allErrors: true, unicodeRegExp: true }).compile(schema);
  const errorsOf = (text: string) => {
    isValid(parse(text));
    return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${String(message)}`);
  };

  it('takes the example, with and without what stands in comments', () => {
    expect(errorsOf(example)).toEqual([]);
    expect(errorsOf(example.replaceAll(/^( *)# (?=maxMegabytes|basePath|trustedProxies)/gm, '$1'))).toEqual([]);
  });

  it.each([
    ['a member that there is not', /^server:/m, 'sever:', ' must NOT have additional properties'],
    ['one deep inside', / leewaySeconds:/m, ' leeway:', '/auth/jwt/0 must NOT have additional properties'],
    ['another type', /port: 8080/, "port: '8080'", '/server/port must be integer'],
    ['a number out of its range', /port: 8080/, 'port: 80800', '/server/port must be <= 65535'],
    [
      'another word',
      /role: viewer/,
      'role: reader',
      '/auth/apiKeys/2/grants/0/role must be equal to one of the allowed values',
    ],
    ['a vendor that there is not', /vendor: huawei/, 'vendor: huwaei', 'must be equal to one of the allowed values'],
  ])('refuses %s', (_what, pattern, instead, error) => {
    expect(errorsOf(example.replace(pattern, instead)).join('\n')).toContain(error);
  });
});
