import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { afterAll, describe, expect, it } from '@jest/globals';
import { backends } from '../../backends/backends.module.js';
import { InvalidConfiguration } from './errors.js';
import { checkConfiguration, type Configuration } from './load.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-receivers-'));
const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
writeFileSync(join(folder, 'secret'), `${secret}\n`);
writeFileSync(join(folder, 'two'), `${secret}\n${secret}\n`);
writeFileSync(join(folder, 'short'), 'whsec_aHVudGVyMg==');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const good = {
  name: 'pager',
  url: { env: 'URL' },
  on: ['forced', 'unknown'],
  secret: { file: join(folder, 'secret') },
};

function check(notify: readonly object[], url = 'https://example.com/hunter2?token=x', withoutSecrets = false) {
  const configuration = {
    auth: { apiKeys: [{ name: 'app', sha256: 'b'.repeat(64), grants: [{ role: 'viewer', targets: ['*'] }] }] },
    connections: {
      tenten: { vendor: '1010data', url: 'https://example.com/gw.k', uid: 'o', password: { env: 'PASSWORD' } },
    },
    targets: [{ name: 'bi-pool', backend: '1010data', connection: 'tenten', pool: 'p' }],
    notify,
  };
  const environment = { PASSWORD: 'x', URL: url };
  return checkConfiguration('sluice.yaml', JSON.stringify(configuration), backends, { environment, withoutSecrets });
}

function errors(...args: Parameters<typeof check>): readonly string[] {
  try {
    check(...args);
  } catch (thrown) {
    if (!(thrown instanceof InvalidConfiguration)) throw thrown;
    expect(thrown.message).not.toContain('hunter2');
    return thrown.errors.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const unsafe = 'notify[0].url: must hold an https: address without credentials (http: only on loopback)';
const unsigned = 'notify[0].secret: must hold whsec_ and 24 to 64 bytes in base64; one or two of them, each on a line';

describe('a receiver', () => {
  it.each(['https://example.com/a?b=c', 'http://127.0.0.1:9/x', 'http://localhost/', 'http://[::1]:80/'])(
    'may be at %s',
    (url) => {
      const { notify }: Configuration = check([good], url);
      expect(notify.map(({ name, on }) => [name, on])).toEqual([['pager', ['forced', 'unknown']]]);
    },
  );

  it.each([
    'http://example.com/hunter2',
    'http://127.0.0.1.example.com/hunter2',
    'http://10.0.0.1/hunter2',
    'https://user:hunter2@example.com/',
    'ftp://example.com/hunter2',
    'hunter2',
  ])('may not be at %s, which is not quoted', (url) => {
    expect(errors([good], url)).toEqual([unsafe]);
  });

  it('is signed for by one secret or by two', () => {
    expect(errors([{ ...good, secret: { file: join(folder, 'two') } }])).toEqual([]);
    expect(errors([{ ...good, secret: { file: join(folder, 'short') } }])).toEqual([unsigned]);
  });

  it('has a name of its own', () => {
    expect(errors([good, { ...good, on: ['drained'] }])).toEqual(['notify[1].name: is used by another receiver']);
  });

  it('is told what it means where a word is misspelt', () => {
    expect(errors([{ ...good, on: ['forced', 'breakglass'] }])).toEqual([
      'notify[0].on[1]: must be one of the following values: forced, unknown, approval, breakGlass, capRefused, drained: did you mean "breakGlass"?',
    ]);
    expect(errors([{ ...good, targest: ['x'] }])).toEqual([
      'notify[0].targest: is not known here: did you mean "targets"?',
    ]);
  });

  it.each<[string, object, string]>([
    ['nothing to be told', { on: [] }, 'notify[0].on: must contain at least 1 elements'],
    ['the same twice', { on: ['forced', 'forced'] }, 'notify[0].on: must not name one twice'],
    [
      'an address as it is',
      { url: 'https://hunter2.example.com' },
      'notify[0].url: must be a reference to a secret: {env: NAME} or {file: PATH}',
    ],
    [
      'a name with spaces',
      { name: 'my pager' },
      'notify[0].name: must be 1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit',
    ],
    [
      'a proxy with a path',
      { proxy: { url: 'http://proxy/x' } },
      'notify[0].proxy.url: must be an http: or https: address without credentials, path and query',
    ],
    [
      'a certificate that is not there',
      { ca: join(folder, 'none.pem') },
      `notify[0].ca: the file ${join(folder, 'none.pem')} cannot be read`,
    ],
  ])('may not have %s', (_what, member, error) => {
    expect(errors([{ ...good, ...member }])).toEqual([error]);
  });

  it('is checked without its secrets where they are not', () => {
    expect(errors([{ ...good, secret: { file: '/nowhere/hunter2' } }], '', true)).toEqual([]);
  });

  it('is warned of where it names targets that there are not', () => {
    expect(check([{ ...good, targets: ['bi-*', 'carts'] }]).warnings).toEqual([
      'notify[0].targets: "carts" matches no target',
    ]);
  });
});
