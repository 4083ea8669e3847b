import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { gatewayConfig, gatewayEnvironment } from '../../sandbox/gateway-config.ts';
import { backends } from '../../src/backends/backends.module.js';
import { InvalidConfiguration } from '../../src/platform/config/errors.js';
import { loadConfiguration } from '../../src/platform/config/load.js';
import { writeConfig } from '../gateway.ts';
import { dataOf } from './data.ts';

interface Wrong {
  readonly set: Readonly<Record<string, unknown>>;
  readonly at: readonly string[];
}

const local = 'http://127.0.0.1:1';
const urls = {
  tentendata: `${local}/gw.k`,
  iam: local,
  gaussdb: `${local}1`,
  taurusdb: `${local}2`,
  dcs: `${local}3`,
  geminidb: `${local}4`,
  issuer: `${local}/`,
  jwks: `${local}/jwks.json`,
  admin: local,
};

/** A good configuration with these members set; null removes one. */
function changed(set: Wrong['set']): string {
  const config = JSON.parse(gatewayConfig(urls)) as Record<string, unknown>;
  for (const [path, value] of Object.entries(set)) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const inner = steps.reduce((node, step) => node[step] as Record<string, unknown>, config);
    if (value === null) Reflect.deleteProperty(inner, last);
    else inner[last] = value;
  }
  return JSON.stringify(config);
}

/** What is said of a configuration; nothing if it is taken. */
function refusalOf(text: string): string {
  const { file, drop } = writeConfig(text);
  try {
    loadConfiguration(file, backends, { ...gatewayEnvironment, EMPTY: '' });
    return '';
  } catch (thrown) {
    if (!(thrown instanceof InvalidConfiguration)) throw thrown;
    return thrown.message;
  } finally {
    drop();
  }
}

const secrets = [...Object.values(gatewayEnvironment), 'planted-secret'];

describe('a configuration', () => {
  it('that is good is taken', () => {
    expect(refusalOf(changed({}))).toBe('');
  });

  const entries = dataOf('configurations') as readonly Wrong[];
  it.each(entries.map((entry) => [JSON.stringify(entry.set), entry] as const))(
    'is refused: %s',
    (_name, { set, at }) => {
      const message = refusalOf(changed(set));
      for (const place of at) expect(message).toContain(place);
      for (const secret of secrets) expect(message).not.toContain(secret);
    },
  );

  const texts = [
    '',
    'null',
    '[]',
    '7',
    '{',
    'a: b: c',
    'a: *b',
    '!!js/function x',
    'a: &a [*a]',
    '\u0000',
    '%YAML 9.9\n---\n',
    '--- {}\n--- {}',
    'a: 1\na: 2',
  ];
  it.each(texts)('is refused as a text: %j', (text) => {
    expect(refusalOf(text)).not.toBe('');
  });

  it('does not grow without end by its aliases', () => {
    const bomb = [
      'a0: &a0 [x]',
      ...Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(10)}]`),
    ];
    expect(refusalOf(bomb.join('\n'))).not.toBe('');
  });
});
