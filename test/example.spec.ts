import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
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
  it('is in order, and has a target of every backend', () => {
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
