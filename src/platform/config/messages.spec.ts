import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { afterAll, describe, expect, it } from '@jest/globals';
import { backends } from '../../backends/backends.module.js';
import { InvalidConfiguration } from './errors.js';
import { checkConfiguration, type Configuration } from './load.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-messages-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const lines = [
  'server:',
  '  port: 8080',
  'auth:',
  '  apiKeys:',
  `    - { name: app, sha256: ${'b'.repeat(64)}, grants: [{ role: viewer, targets: ["*"] }] }`,
  'connections:',
  '  tenten:',
  '    vendor: 1010data',
  '    url: https://www2.1010data.com/gw.k',
  '    uid: acme_owner',
  '    password: { env: TENTEN_PASSWORD }',
  'targets:',
  '  - { name: bi-pool, backend: 1010data, connection: tenten, pool: acme_pool }',
];
const good = lines.join('\n');

function check(text: string, withoutSecrets = false): Configuration {
  const environment = { TENTEN_PASSWORD: 'tell-nobody' };
  return checkConfiguration('sluice.yaml', text, backends, { environment, withoutSecrets });
}

/** What a configuration is refused with. */
function refusal(text: string): readonly string[] {
  try {
    check(text);
  } catch (thrown) {
    if (!(thrown instanceof InvalidConfiguration)) throw thrown;
    expect(thrown.message).not.toContain('hunter2');
    return thrown.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

const changed = (before: string | RegExp, after: string): string => good.replace(before, after);

describe('an error of the configuration', () => {
  it.each<[string, string, string]>([
    [
      'a number that is too large',
      changed('port: 8080', 'port: 70000'),
      'server.port: must not be greater than 65535, not 70000 (line 2)',
    ],
    [
      'a member that is misspelt',
      changed('port: 8080', 'prot: 8080'),
      'server.prot: is not known here: did you mean "port"? (line 2)',
    ],
    [
      'a role that is misspelt',
      changed('role: viewer', 'role: veiwer'),
      'auth.apiKeys[0].grants[0].role: must be one of the following values: viewer, operator, admin: did you mean "viewer"? (line 5)',
    ],
    [
      'a vendor that is misspelt',
      changed('vendor: 1010data', 'vendor: 1010dta'),
      'connections.tenten.vendor: must be one of 1010data, huawei: did you mean "1010data"? (line 8)',
    ],
    [
      'a connection that is misspelt',
      changed('connection: tenten', 'connection: tentne'),
      'targets[0].connection: must name a connection to 1010data: did you mean "tenten"? (target "bi-pool", line 13)',
    ],
    ['a member that is missing', changed(/ {4}uid: .*\n/, ''), 'connections.tenten.uid: is missing (line 7)'],
    [
      'a secret instead of its file',
      changed('{ env: TENTEN_PASSWORD }', '{ file: hunter2 }'),
      'connections.tenten.password.file: names a file that cannot be read (line 11)',
    ],
    [
      'a secret instead of its variable',
      changed('{ env: TENTEN_PASSWORD }', '{ env: hunter2 }'),
      'connections.tenten.password.env: names an environment variable that is missing or empty (line 11)',
    ],
    [
      'a file that is not there',
      changed('{ env: TENTEN_PASSWORD }', `{ file: ${join(folder, 'none')} }`),
      `connections.tenten.password.file: names a file that cannot be read: ${join(folder, 'none')} (line 11)`,
    ],
    ['an empty file', '# nothing\n', '(file): is empty'],
    ['a tab', changed('  port: 8080', '\tport: 8080'), 'line 2: is indented by a tab: YAML is indented by spaces'],
    [
      'a * without quotes',
      changed('targets: ["*"]', 'targets: [*]'),
      'line 5: begins a value with *, an alias of YAML, which is not taken: write it in quotes, "*"',
    ],
    [
      'a glob without quotes',
      changed('targets: ["*"]', 'targets: [*-pool]'),
      'line 5: begins a value with *, an alias of YAML, which is not taken: write it in quotes, "*"',
    ],
  ])('tells of %s what is written, where, and what is meant', (_name, text, told) => {
    expect(refusal(text)).toContain(told);
  });
});

describe('a valid configuration', () => {
  it('is warned of for grants that match no target and for connections that no target uses', () => {
    const text = changed('targets: ["*"]', 'targets: ["bi-*", "orders"]').replace(
      'targets:\n',
      '  spare: { vendor: 1010data, url: "https://www2.1010data.com/gw.k", uid: other, password: { env: TENTEN_PASSWORD } }\ntargets:\n',
    );
    expect(check(text).warnings).toEqual([
      'auth.apiKeys[0].grants[0].targets: "orders" matches no target',
      'connections.spare: no target uses this connection',
    ]);
    expect(check(good).warnings).toEqual([]);
  });

  it('can be checked without its secrets', () => {
    const text = changed('{ env: TENTEN_PASSWORD }', '{ file: /run/secrets/none }');
    expect(refusal(text)).toHaveLength(1);
    expect(check(text, true).targets).toHaveLength(1);
  });
});
