import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backends } from '../../backends/backends.module.js';
import { InvalidConfiguration } from './errors.js';
import { loadConfiguration, type Configuration } from './load.js';

let folder: string;
const environment = {
  TENTEN_PASSWORD: 'tell-nobody-1',
  AK: 'tell-nobody-2',
  SK: 'tell-nobody-3',
  EMPTY: '',
  STORE_URL: 'postgres://sluice:tell-nobody-6@db.example.com:5432/sluice?sslmode=verify-full',
  WEB_URL: 'https://sluice:tell-nobody-6@db.example.com/',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-load-'));
  writeFileSync(join(folder, 'secret'), 'tell-nobody-4\n');
  writeFileSync(join(folder, 'empty'), ' \n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Tree {
  server: Record<string, unknown>;
  auth: Record<string, unknown> & { apiKeys: Record<string, unknown>[]; jwt: Record<string, unknown>[] };
  connections: Record<'tenten' | 'huawei', Record<string, unknown>> & Record<string, Record<string, unknown>>;
  targets: Record<string, unknown>[];
}

/** A configuration without an error. */
function good(): Tree {
  return {
    server: { host: '0.0.0.0', port: 8080, docs: true },
    auth: {
      apiKeys: [{ name: 'billing-app', sha256: 'a'.repeat(64), grants: [{ role: 'operator', targets: ['bi-*'] }] }],
      jwt: [
        {
          issuer: 'https://id.example.com/',
          audience: 'sluice',
          jwksUrl: 'https://id.example.com/jwks.json',
          grants: [{ claim: 'groups', value: 'dba', role: 'operator', targets: ['*'] }],
        },
      ],
    },
    connections: {
      tenten: {
        vendor: '1010data',
        url: 'https://www2.1010data.com/gw.k',
        uid: 'acme_owner',
        password: { env: 'TENTEN_PASSWORD' },
      },
      huawei: {
        vendor: 'huawei',
        projectId: '0611f1bd8b00d5d32f17c017f15b599f',
        auth: {
          iam: {
            url: 'https://iam.example.com',
            domain: 'acme',
            user: 'sluice',
            password: { file: join(folder, 'secret') },
          },
        },
        endpoints: {
          gaussdb: 'https://gaussdb.example.com',
          taurusdb: 'https://taurusdb.example.com',
          dcs: 'https://dcs.example.com',
        },
      },
    },
    targets: [
      { name: 'bi-pool', backend: '1010data', connection: 'tenten', pool: 'acme_pool' },
      { name: 'bi-user', backend: '1010data', connection: 'tenten' },
      {
        name: 'orders',
        backend: 'taurusdb',
        connection: 'huawei',
        instanceId: 'a23fb62bd61e4e9e9636fd2225f395bein07',
        nodes: [{ name: 'primary', id: '18663926eacb443d98dc20f8620f28f2no07' }],
      },
      { name: 'carts', backend: 'dcs', connection: 'huawei', instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79' },
    ],
  };
}

function load(text: string): Configuration {
  const file = join(folder, 'sluice.yaml');
  writeFileSync(file, text);
  return loadConfiguration(file, backends, environment);
}

/** The message that a configuration is refused with, without its first line. */
function refusal(text: string): string[] {
  try {
    load(text);
  } catch (thrown) {
    if (!(thrown instanceof InvalidConfiguration)) throw thrown;
    const [first, ...lines] = thrown.message.split('\n');
    expect(first).toBe(`${join(folder, 'sluice.yaml')} cannot be used:`);
    expect(thrown.message).not.toContain('tell-nobody');
    return lines.map((line) => line.trim());
  }
  return [];
}

/** Where the errors are that a change to a good configuration brings about. */
function places(change: (tree: Tree) => void): string[] {
  const tree = good();
  change(tree);
  return refusal(JSON.stringify(tree)).map((line) => line.slice(0, line.indexOf(': ')));
}

describe('a configuration', () => {
  it('is taken as it is written', () => {
    const { server, auth, connections, targets } = load(JSON.stringify(good()));
    expect([server.port, auth.apiKeys?.[0]?.name]).toEqual([8080, 'billing-app']);
    expect([...connections.keys()]).toEqual(['tenten', 'huawei']);
    expect(targets.map(({ backend, config }) => `${config.name} ${backend.kind}`)).toEqual([
      'bi-pool 1010data',
      'bi-user 1010data',
      'orders taurusdb',
      'carts dcs',
    ]);
  });

  it('may be YAML, with comments', () => {
    const text = [
      '# Sluice',
      'auth: { apiKeys: [{ name: app, sha256: ' + 'b'.repeat(64) + ', expiresAt: 2027-03-31T00:00:00Z,',
      '  grants: [{ role: viewer, targets: ["*"] }] }] }',
      'connections:',
      '  tenten: { vendor: 1010data, url: "https://www2.1010data.com/gw.k", uid: acme_owner, password: { env: TENTEN_PASSWORD } }',
      'targets:',
      '  - { name: bi-pool, backend: 1010data, connection: tenten, pool: acme_pool }',
    ];
    const { connections, targets } = load(text.join('\n'));
    expect(targets).toHaveLength(1);
    const { password } = connections.get('tenten')?.config as unknown as { password: { secret: { reveal(): string } } };
    expect(password.secret.reveal()).toBe('tell-nobody-1');
  });

  it('takes secrets from files, white space around them dropped', () => {
    const { auth } = load(JSON.stringify(good())).connections.get('huawei')?.config as unknown as {
      auth: { iam: { password: { secret: { reveal(): string } } } };
    };
    expect(auth.iam.password.secret.reveal()).toBe('tell-nobody-4');
    expect(JSON.stringify(auth.iam.password)).not.toContain('tell-nobody');
  });

  it.each<[string, unknown, string[]]>([
    ['a literal', 'tell-nobody-5', ['']],
    ['a number', 5, ['']],
    ['nothing', undefined, ['']],
    ['null', null, ['']],
    ['an empty reference', {}, ['.env', '.file']],
    ['a variable that is missing', { env: 'MISSING' }, ['.env']],
    ['a variable that is empty', { env: 'EMPTY' }, ['.env']],
    ['a variable without a name', { env: '' }, ['.env']],
    ['a variable that is a number', { env: 5 }, ['.env']],
    ['a file that is missing', { file: '/nonexistent/secret' }, ['.file']],
    ['a folder', { file: '/' }, ['.file']],
    ['a variable and a file', { env: 'TENTEN_PASSWORD', file: '/nonexistent/secret' }, ['']],
    ['a literal beside the reference', { env: 'TENTEN_PASSWORD', value: 'tell-nobody-5' }, ['.value']],
    ['a literal under the name of a property', { env: 'TENTEN_PASSWORD', secret: 'tell-nobody-5' }, ['.secret']],
    ['a literal under the name of a method', { env: 'TENTEN_PASSWORD', resolve: 'tell-nobody-5' }, ['.resolve']],
  ])('refuses %s for a secret', (_name, password, found) => {
    expect(
      places(({ connections }) => {
        connections.tenten['password'] = password;
      }),
    ).toEqual(found.map((place) => `connections.tenten.password${place}`));
  });

  it('refuses a secret file in another encoding', () => {
    writeFileSync(join(folder, 'utf16'), Buffer.from('secret', 'utf16le'));
    const password = { file: join(folder, 'utf16') };
    expect(places(({ connections }) => Object.assign(connections.tenten, { password }))).toEqual([
      'connections.tenten.password.file',
    ]);
  });

  it('refuses a secret file that is empty', () => {
    const password = { file: join(folder, 'empty') };
    expect(places(({ connections }) => Object.assign(connections.tenten, { password }))).toEqual([
      'connections.tenten.password.file',
    ]);
  });

  it.each<[string, (tree: Tree) => unknown, string[]]>([
    ['at the top', (tree) => Object.assign(tree, { surprise: 1 }), ['surprise']],
    ['of the server', ({ server }) => (server['surprise'] = 1), ['server.surprise']],
    ['of the management port', ({ server }) => (server['management'] = { port: 1, x: 1 }), ['server.management.x']],
    ['of auth', ({ auth }) => (auth['surprise'] = 1), ['auth.surprise']],
    ['of a key', ({ auth }) => (auth.apiKeys[0]!['key'] = 'tell-nobody'), ['auth.apiKeys[0].key']],
    [
      'of a grant',
      ({ auth }) => (auth.apiKeys[0]!['grants'] = [{ role: 'viewer', targets: ['*'], x: 1 }]),
      ['auth.apiKeys[0].grants[0].x'],
    ],
    ['of a connection', ({ connections }) => (connections.tenten['pswd'] = 'tell-nobody'), ['connections.tenten.pswd']],
    [
      'of its timeouts',
      ({ connections }) => (connections.tenten['timeouts'] = { readMs: 1 }),
      ['connections.tenten.timeouts.readMs'],
    ],
    [
      'of its endpoints',
      ({ connections }) => Object.assign(connections.huawei['endpoints'] as object, { rds: 'x' }),
      ['connections.huawei.endpoints.rds'],
    ],
    ['of a target', ({ targets }) => (targets[0]!['instanceId'] = 'x'), ['targets[0].instanceId']],
    [
      'of a node',
      ({ targets }) => (targets[2]!['nodes'] = [{ id: '18663926eacb443d98dc20f8620f28f2no07', x: 1 }]),
      ['targets[2].nodes[0].x'],
    ],
    ['named like what every object has', (tree) => Object.assign(tree.server, { toString: 1 }), ['server.toString']],
  ])('refuses an unknown member %s', (_name, change, found) => {
    expect(
      places((tree) => {
        change(tree);
      }),
    ).toEqual(found);
  });

  it.each<[string, (tree: Tree) => unknown, string[]]>([
    ['a target’s name twice', ({ targets }) => (targets[1]!['name'] = 'bi-pool'), ['targets[1].name']],
    ['a pool under two names', ({ targets }) => targets.push({ ...targets[0], name: 'again' }), ['targets[4]']],
    ['a uid under two names', ({ targets }) => targets.push({ ...targets[1], name: 'again' }), ['targets[4]']],
    [
      'a pool behind an address that is written in another way',
      ({ targets, connections }) => {
        connections['other'] = { ...connections.tenten, url: 'HTTPS://WWW2.1010data.com:443/gw.k' };
        targets.push({ ...targets[0], name: 'again', connection: 'other' });
      },
      ['targets[4]'],
    ],
    [
      'a node under two names',
      ({ targets }) => {
        const id = '18663926eacb443d98dc20f8620f28f2no07';
        targets[2]!['nodes'] = [{ name: 'primary', id }, { id }, { name: 'a b', id }, { id: 'x' }, { id: 'x' }];
      },
      ['targets[2].nodes[2].name', 'targets[2].nodes[3].id', 'targets[2].nodes[4].id', 'targets[2].nodes[1]'],
    ],
    ['an instance under two names', ({ targets }) => targets.push({ ...targets[3], name: 'again' }), ['targets[4]']],
    [
      'a pool behind two connections',
      ({ targets, connections }) => {
        connections['other'] = { ...connections.tenten, uid: 'acme_admin' };
        targets.push({ ...targets[0], name: 'again', connection: 'other' });
      },
      ['targets[4]'],
    ],
    [
      'a key twice',
      ({ auth }) => auth.apiKeys.push({ ...auth.apiKeys[0], sha256: 'A'.repeat(64) }),
      ['auth.apiKeys[1].sha256'],
    ],
    ['an issuer twice', ({ auth }) => auth.jwt.push({ ...auth.jwt[0] }), ['auth.jwt[1].issuer']],
    ['no targets', (tree) => (tree.targets = []), ['targets']],
    ['targets that are no list', (tree) => Object.assign(tree, { targets: {} }), ['targets']],
    [
      'no connections',
      (tree) => Object.assign(tree, { connections: undefined, targets: [] }),
      ['connections', 'targets'],
    ],
    [
      'an unknown vendor',
      ({ connections }) => (connections.tenten['vendor'] = 'oracle'),
      ['connections.tenten.vendor', 'targets[0].connection', 'targets[1].connection'],
    ],
    ['an unknown backend', ({ targets }) => (targets[0]!['backend'] = 'oracle'), ['targets[0].backend']],
    ['an unknown connection', ({ targets }) => (targets[0]!['connection'] = 'toString'), ['targets[0].connection']],
    [
      'a connection to another vendor',
      ({ targets }) => (targets[0]!['connection'] = 'huawei'),
      ['targets[0].connection'],
    ],
    ['a name that callers could not write', ({ targets }) => (targets[0]!['name'] = 'a b'), ['targets[0].name']],
    [
      'two names that are none',
      ({ targets }) => {
        delete targets[0]!['name'];
        targets[1]!['name'] = 7;
      },
      ['targets[0].name', 'targets[1].name'],
    ],
    ['a port that is none', ({ server }) => (server['port'] = 65_536), ['server.port']],
    ['a port in words', ({ server }) => (server['port'] = '8080'), ['server.port']],
    [
      'proxies that are no addresses',
      ({ server }) => (server['trustedProxies'] = ['10.0.0.0/8', 'ingress']),
      ['server.trustedProxies'],
    ],
    ['a range that is none', ({ server }) => (server['trustedProxies'] = ['10.0.0.0/33']), ['server.trustedProxies']],
    [
      'limits that let nobody in',
      (config) =>
        Object.assign(config, {
          limits: { overload: { inFlight: 0 }, caller: { requests: 0, seconds: 10 }, target: { requests: 5 } },
        }),
      ['limits.overload.inFlight', 'limits.caller.requests', 'limits.target.seconds'],
    ],
    ['a base path that ends in a slash', ({ server }) => (server['basePath'] = '/sluice/'), ['server.basePath']],
    [
      'a timeout of no time',
      ({ connections }) => (connections.tenten['timeouts'] = { answerMs: 0 }),
      ['connections.tenten.timeouts.answerMs'],
    ],
    [
      'a role that is none',
      ({ auth }) => (auth.apiKeys[0]!['grants'] = [{ role: 'root', targets: ['*'] }]),
      ['auth.apiKeys[0].grants[0].role'],
    ],
    [
      'a grant on nothing',
      ({ auth }) => (auth.apiKeys[0]!['grants'] = [{ role: 'viewer', targets: [] }]),
      ['auth.apiKeys[0].grants[0].targets'],
    ],
    ['a key without grants', ({ auth }) => (auth.apiKeys[0]!['grants'] = []), ['auth.apiKeys[0].grants']],
    ['a key that is no hash', ({ auth }) => (auth.apiKeys[0]!['sha256'] = 'tell-nobody'), ['auth.apiKeys[0].sha256']],
    ['a symmetric algorithm', ({ auth }) => (auth.jwt[0]!['algorithms'] = ['HS256']), ['auth.jwt[0].algorithms[0]']],
    ['none for an algorithm', ({ auth }) => (auth.jwt[0]!['algorithms'] = ['none']), ['auth.jwt[0].algorithms[0]']],
    ['null for what may be left out', ({ server }) => (server['docs'] = null), ['server.docs']],
  ])('refuses %s', (_name, change, found) => {
    expect(
      places((tree) => {
        change(tree);
      }),
    ).toEqual(found);
  });

  it.each([
    'http://www2.1010data.com/gw.k',
    'http://127.0.0.1.example.com/gw.k',
    'http://localhost.example.com/gw.k',
    'http://10.0.0.1/gw.k',
    'https://sue:tell-nobody@www2.1010data.com/gw.k',
    'ftp://www2.1010data.com/gw.k',
    'file:///etc/passwd',
    '//www2.1010data.com/gw.k',
    'www2.1010data.com',
    '',
  ])('refuses to send credentials to %s', (url) => {
    expect(
      places(({ connections, auth }) => {
        connections.tenten['url'] = url;
        auth.jwt[0]!['jwksUrl'] = url;
        Object.assign((connections.huawei['auth'] as { iam: object }).iam, { url });
        connections.huawei['endpoints'] = { gaussdb: url, taurusdb: url, dcs: url };
      }),
    ).toEqual([
      'auth.jwt[0].jwksUrl',
      'connections.tenten.url',
      'connections.huawei.auth.iam.url',
      'connections.huawei.endpoints.gaussdb',
      'connections.huawei.endpoints.taurusdb',
      'connections.huawei.endpoints.dcs',
    ]);
  });

  it.each(['http://127.0.0.1:8080/gw.k', 'http://localhost/gw.k', 'http://[::1]:1/gw.k'])('takes %s', (url) => {
    expect(places(({ connections }) => Object.assign(connections.tenten, { url }))).toEqual([]);
  });

  it.each(['2027-03-31T00:00:00Z', '2027-03-31T00:00:00.123+02:00', '2020-02-29T23:59:59Z'])(
    'takes %s for the end of a key',
    (expiresAt) => {
      expect(places(({ auth }) => Object.assign(auth.apiKeys[0]!, { expiresAt }))).toEqual([]);
    },
  );

  // What is no time would never end, and what names no zone ends at another time than it says.
  it.each([
    '2027-W13-3',
    '2027-090',
    '2027-03-31',
    '2027-03-31T00:00:00',
    '2027-02-29T00:00:00Z',
    '20270331T000000Z',
    '2027-03-31T24:00:01Z',
    'tomorrow',
    '',
    1_800_000_000,
    null,
  ])('refuses %s for the end of a key', (expiresAt) => {
    expect(places(({ auth }) => Object.assign(auth.apiKeys[0]!, { expiresAt }))).toEqual(['auth.apiKeys[0].expiresAt']);
  });

  it.each([
    [undefined, []],
    [{}, []],
    [{ sqlite: {} }, []],
    [{ sqlite: { path: '/var/lib/sluice/sluice.db' }, retentionDays: 1 }, []],
    [{ memory: {} }, []],
    [{ postgres: { url: { env: 'STORE_URL' } } }, []],
    [{ sqlite: {}, memory: {} }, ['store']],
    [{ sqlite: {}, postgres: { url: { env: 'STORE_URL' } } }, ['store']],
    [{ sqlite: true }, ['store.sqlite']],
    [{ sqlite: { path: '' } }, ['store.sqlite.path']],
    [{ sqlite: { path: 'x', mode: 'wal' } }, ['store.sqlite.mode']],
    [{ memory: { size: 1 } }, ['store.memory.size']],
    [{ postgres: {} }, ['store.postgres.url']],
    [{ postgres: { url: 'postgres://sluice:tell-nobody@db/sluice' } }, ['store.postgres.url']],
    [{ postgres: { url: { env: 'MISSING' } } }, ['store.postgres.url.env']],
    [{ postgres: { url: { env: 'WEB_URL' } } }, ['store.postgres.url']],
    [{ postgres: { url: { env: 'TENTEN_PASSWORD' } } }, ['store.postgres.url']],
    [{ retentionDays: 0 }, ['store.retentionDays']],
    [{ retentionDays: 1.5 }, ['store.retentionDays']],
    [{ mysql: {} }, ['store.mysql']],
    ['sqlite', ['store']],
  ])('has the store %j: %j', (store, found) => {
    const tree = { ...good(), store };
    if (found.length === 0) expect(load(JSON.stringify(tree)).store).toMatchObject(store ?? {});
    else expect(places((good) => Object.assign(good, { store }))).toEqual(found);
  });

  it.each([
    [{ port: 8081, management: { port: 8081 } }, ['server.management.port']],
    [{ management: { port: 8080 } }, ['server.management.port']],
    [{ port: 0, management: { port: 0 } }, []],
    [{ port: 8081, management: { port: 8080 } }, []],
    [{ port: '8080', management: { port: 8080 } }, ['server.port']],
    [{ management: { port: 8080, x: 1 } }, ['server.management.x', 'server.management.port']],
  ])('listens on two ports: %j', (server, found) => {
    expect(places((tree) => Object.assign(tree, { server }))).toEqual(found);
  });

  it('needs somebody who may call', () => {
    for (const auth of [undefined, {}, { apiKeys: [] }, { jwt: [] }]) {
      expect(places((tree) => Object.assign(tree, { auth }))).toEqual(['auth']);
    }
  });

  it.each([
    ['127.0.0.1', []],
    ['127.1.2.3', []],
    ['::1', []],
    ['localhost', []],
    ['0.0.0.0', ['auth.anonymous']],
    ['::', ['auth.anonymous']],
    ['10.0.0.1', ['auth.anonymous']],
    ['127.0.0.1.example.com', ['auth.anonymous']],
    [undefined, ['auth.anonymous']],
  ])('takes anonymous callers on loopback alone: %s', (host, found) => {
    expect(places((tree) => Object.assign(tree, { auth: { anonymous: 'viewer' }, server: { host } }))).toEqual(found);
  });

  it('says what is wrong by the rule that says most', () => {
    const tree = good();
    tree.server['port'] = '0';
    tree.auth.apiKeys[0]!['grants'] = [{ role: 'viewer', targets: ['bi-*', '(a+)+'] }];
    tree.connections.tenten['password'] = 'tell-nobody';
    Reflect.deleteProperty((tree.connections.huawei['auth'] as { iam: object }).iam, 'domain');
    tree.targets[0]!['name'] = null;
    expect(refusal(JSON.stringify(tree))).toEqual([
      'server.port: must be an integer number',
      'auth.apiKeys[0].grants[0].targets[1]: must be a target name, * standing for any run of characters',
      'connections.tenten.password: must be a reference to a secret: {env: NAME} or {file: PATH}',
      'connections.huawei.auth.iam.domain: is missing',
      'targets[0].name: must be a string',
    ]);
  });

  it('tells no error that follows from another', () => {
    expect(places((tree) => Object.assign(tree, { auth: { apiKeys: [{ name: 'app' }] } }))).toEqual([
      'auth.apiKeys[0].sha256',
      'auth.apiKeys[0].grants',
    ]);
    expect(
      places((tree) =>
        Object.assign(tree, { auth: { anonymous: 'viewer' }, server: { host: '127.0.0.1', port: 'x' } }),
      ),
    ).toEqual(['server.port']);
    expect(places((tree) => Object.assign(tree, { auth: { anonymous: 'root' } }))).toEqual(['auth.anonymous']);
  });

  const again = (tree: Tree, index: number, change: object = {}) =>
    tree.targets.push({ ...tree.targets[index], name: 'again', ...change });
  const huaweiAuth = (tree: Tree) => tree.connections.huawei['auth'] as { iam: Record<string, unknown> };

  it.each<[string, (tree: Tree) => unknown, string[]]>([
    [
      'nobody who may call, beside a port that is none',
      (tree) => Object.assign(tree, { auth: undefined, server: { port: 70_000 } }),
      ['server.port', 'auth'],
    ],
    [
      'anonymous callers on all addresses, beside an unknown member and a bad port',
      (tree) => Object.assign(tree, { auth: { anonymous: 'viewer' }, server: { port: -1, x: 1 } }),
      ['server.x', 'server.port', 'auth.anonymous'],
    ],
    [
      'anonymous callers, a key and an issuer twice, beside a role that is none',
      ({ auth }) => {
        Object.assign(auth, { anonymous: 'viewer' });
        auth.apiKeys[0]!['grants'] = [{ role: 'root', targets: ['*'] }];
        auth.apiKeys.push({ ...auth.apiKeys[0], sha256: 'x' }, { ...auth.apiKeys[0] });
        auth.jwt.push({ ...auth.jwt[0], audience: 7 });
      },
      [
        'auth.apiKeys[0].grants[0].role',
        'auth.apiKeys[1].sha256',
        'auth.apiKeys[1].grants[0].role',
        'auth.apiKeys[2].grants[0].role',
        'auth.jwt[1].audience',
        'auth.anonymous',
        'auth.jwt[1].issuer',
        'auth.apiKeys[2].sha256',
      ],
    ],
    [
      'an instance twice behind a connection with a literal secret',
      (tree) => {
        huaweiAuth(tree).iam['password'] = 'tell-nobody';
        again(tree, 3);
      },
      ['connections.huawei.auth.iam.password', 'targets[4]'],
    ],
    [
      'an instance twice behind a connection whose project is wrong',
      (tree) => {
        tree.connections.huawei['projectId'] = 'x';
        again(tree, 3);
      },
      ['connections.huawei.projectId', 'targets[4]'],
    ],
    [
      'an instance twice, with an unknown member',
      (tree) => again(tree, 3, { foo: 1 }),
      ['targets[4].foo', 'targets[4]'],
    ],
    [
      'an instance twice, under one name',
      (tree) => again(tree, 3, { name: 'carts' }),
      ['targets[4].name', 'targets[4]'],
    ],
    [
      'a second node of a name, beside an unknown member',
      ({ targets }) => {
        const [node] = targets[2]!['nodes'] as object[];
        Object.assign(targets[2]!, { foo: 1, nodes: [node, { ...node, id: '28663926eacb443d98dc20f8620f28f2no07' }] });
      },
      ['targets[2].foo', 'targets[2].nodes[1]'],
    ],
    [
      'a secret that is missing, beside a domain that is',
      (tree) => {
        Object.assign(huaweiAuth(tree).iam, { domain: undefined, password: { env: 'MISSING' } });
      },
      ['connections.huawei.auth.iam.domain', 'connections.huawei.auth.iam.password.env'],
    ],
    [
      'two ways to sign in, beside a domain that is missing',
      (tree) => {
        Object.assign(huaweiAuth(tree), { aksk: { accessKey: { env: 'AK' }, secretKey: { env: 'SK' } } });
        Object.assign(huaweiAuth(tree).iam, { domain: undefined });
      },
      ['connections.huawei.auth.iam.domain', 'connections.huawei.auth'],
    ],
    [
      'what is missing in a target of an unknown backend',
      ({ targets }) => {
        targets.push({ backend: 'oracle', maxShare: 2, labels: 'x', description: 'y' }, { backend: 7, name: 'carts' });
      },
      [
        'targets[4].backend',
        'targets[4].name',
        'targets[4].connection',
        'targets[4].labels',
        'targets[4].maxShare',
        'targets[5].backend',
        'targets[5].connection',
        'targets[5].name',
      ],
    ],
    [
      'secrets in a connection of an unknown vendor',
      ({ connections, targets }) => {
        connections['a'] = { ...connections.tenten, vendor: 'oracle', password: 'tell-nobody', foo: 1 };
        connections['b'] = { ...connections.tenten, vendor: undefined, password: { env: 'MISSING' }, ca: 7 };
        targets.push({ name: 'other', backend: 'dcs', connection: 'a', instanceId: 'x' });
      },
      [
        'connections.a.vendor',
        'connections.a.foo',
        'connections.a.password',
        'connections.b.vendor',
        'connections.b.ca',
        'connections.b.password.env',
        'targets[4].instanceId',
        'targets[4].connection',
      ],
    ],
    [
      'several stores, beside an address that is none',
      (tree) => Object.assign(tree, { store: { sqlite: {}, postgres: { url: { env: 'WEB_URL' } }, retentionDays: 0 } }),
      ['store.retentionDays', 'store', 'store.postgres.url'],
    ],
  ])('tells %s', (_name, change, found) => {
    expect(
      places((tree) => {
        change(tree);
      }),
    ).toEqual(found);
  });

  it.each<[string, (tree: Tree) => unknown, string[]]>([
    [
      'the host may be loopback',
      (tree) => Object.assign(tree, { auth: { anonymous: 'viewer' }, server: { host: 7 } }),
      ['server.host'],
    ],
    ['the server may be', (tree) => Object.assign(tree, { auth: { anonymous: 'viewer' }, server: 7 }), ['server']],
    ['keys may be meant', (tree) => Object.assign(tree, { auth: { apiKeys: 'x' } }), ['auth.apiKeys']],
    [
      'what is misspelt may be meant',
      (tree) => Object.assign(tree, { auth: { anonimous: 'viewer' } }),
      ['auth.anonimous'],
    ],
    [
      'keys that are none are nothing twice',
      ({ auth }) => (auth.apiKeys = [null, null, { ...auth.apiKeys[0], sha256: 7 }, auth.apiKeys[0]] as never),
      ['auth.apiKeys[0]', 'auth.apiKeys[1]', 'auth.apiKeys[2].sha256'],
    ],
    [
      'a pool that is wrong is no session',
      (tree) => {
        again(tree, 0, { pool: 'Acme', drainWatchSeconds: 60, protect: [{ user: 'a' }] });
        tree.targets.push({ ...tree.targets[4], name: 'third' });
      },
      ['targets[4].pool', 'targets[5].pool'],
    ],
    [
      'endpoints that are wrong may differ',
      (tree) => {
        Object.assign(tree.connections.huawei, { endpoints: { dcs: 'x' } });
        tree.connections['other'] = { ...tree.connections.huawei, endpoints: { dcs: 'y' } };
        tree.targets = [tree.targets[3]!, { ...tree.targets[3], name: 'again', connection: 'other' }];
      },
      ['connections.huawei.endpoints.dcs', 'connections.other.endpoints.dcs'],
    ],
    [
      'a node may have the name that is wrong',
      ({ targets }) => {
        const id = '18663926eacb443d98dc20f8620f28f2no07';
        Object.assign(targets[2]!, { nodes: [{ id, name: 'a b' }], protect: [{ node: 'primary' }] });
      },
      ['targets[2].nodes[0].name'],
    ],
    ['there may be nodes', ({ targets }) => (targets[2]!['nodes'] = 'x'), ['targets[2].nodes']],
    [
      'a way to sign in may be meant',
      (tree) => (tree.connections.huawei['auth'] = { iam: 'x' }),
      ['connections.huawei.auth.iam'],
    ],
    ['a connection may', (tree) => Object.assign(tree, { connections: 7 }), ['connections']],
    [
      'a connection may be named',
      ({ targets }) => Reflect.deleteProperty(targets[0]!, 'connection'),
      ['targets[0].connection'],
    ],
    [
      'a part that is no object says nothing',
      (tree) => {
        Object.assign(tree.connections, { other: 7 });
        tree.targets.push(null as never);
      },
      ['connections.other', 'targets[4]'],
    ],
  ])('tells nothing that follows from an error: %s', (_name, change, found) => {
    expect(
      places((tree) => {
        change(tree);
      }),
    ).toEqual(found);
  });

  it('tells what else is wrong with a connection whose secret is missing, and with what is behind it', () => {
    expect(
      places((tree) => {
        Object.assign(tree.connections.tenten, { ca: '/nowhere/ca.pem', password: { env: 'EMPTY' } });
        tree.targets.push({ ...tree.targets[0], name: 'again' });
      }),
    ).toEqual(['connections.tenten.password.env', 'connections.tenten.ca', expect.stringMatching(/^targets\[\d\]$/)]);
  });

  it('tells a URL that is unsafe together with the members beside it', () => {
    expect(
      places((tree) => {
        Object.assign(tree.connections.tenten, { url: 'http://gateway.example.com/', uid: 'Acme' });
        Object.assign(tree.connections.huawei, { projectId: 'x', endpoints: { dcs: 'https://dcs.example.com/path' } });
      }).sort(),
    ).toEqual([
      'connections.huawei.endpoints.dcs',
      'connections.huawei.projectId',
      'connections.tenten.uid',
      'connections.tenten.url',
      // Its endpoint is missing, whatever becomes of the others.
      'targets[2].connection',
    ]);
  });

  it.each([[{ env: 1 }], [{ env: 'x'.repeat(129) }], [['prod']], ['prod']])('has no labels such as %j', (labels) => {
    expect(places((tree) => Object.assign(tree.targets[0]!, { labels }))).toEqual(['targets[0].labels']);
  });

  describe('protections', () => {
    const orders = (protect: unknown) => places((tree) => Object.assign(tree.targets[2]!, { protect }));

    it.each([
      [[]],
      [[{ user: 'app_*' }]],
      [[{ user: ['app_*', '!app_test', '\\!x'], state: '!idle', node: 'primary' }, { minIdleSeconds: 0 }]],
      [[{ user: '!app_*' }]],
    ])('may be %j', (protect) => {
      expect(orders(protect)).toEqual([]);
    });

    it.each<[unknown, string]>([
      ['app_*', ''],
      [{ user: 'a' }, ''],
      [['app_*'], '[0]'],
      [[null], '[0]'],
      [[{}], '[0]'],
      [[{ user: 'a' }, {}], '[1]'],
      [[{ users: 'a' }], '[0].users'],
      [[{ id: '7' }], '[0].id'],
      [[{ target: 'orders' }], '[0].target'],
      [[{ user: '' }], '[0].user'],
      [[{ user: '!' }], '[0].user'],
      [[{ user: [] }], '[0].user'],
      [[{ user: ['a', ''] }], '[0].user'],
      [[{ user: ['a', 7] }], '[0].user'],
      [[{ user: null }], '[0].user'],
      [[{ user: 'x'.repeat(257) }], '[0].user'],
      [[{ user: Array.from({ length: 101 }, () => 'a') }], '[0].user'],
      [[{ state: 'asleep' }], '[0].state'],
      [[{ node: 'prim*' }], '[0].node'],
      [[{ minIdleSeconds: '60' }], '[0].minIdleSeconds'],
      [[{ minIdleSeconds: -1 }], '[0].minIdleSeconds'],
      [[{ minIdleSeconds: 1e9 }], '[0].minIdleSeconds'],
      [[{ user: 'a', application: 'psql' }], '[0].application'],
      [[{ minAgeSeconds: 60 }], '[0].minAgeSeconds'],
      [[{ state: 'offline' }], '[0].state'],
      [[{ node: 'replica' }], '[0].node'],
      [Array.from({ length: 101 }, () => ({ user: 'a' })), ''],
    ])('may not be %j', (protect, at) => {
      expect(orders(protect)).toEqual([`targets[2].protect${at}`]);
    });

    it('are about what each target tells', () => {
      const each = (filter: object) =>
        places((tree) => {
          for (const target of tree.targets) Object.assign(target, { protect: [filter] });
        });
      expect(each({ user: 'a' })).toEqual(['targets[1].protect[0].user']);
      expect(each({ database: 'a' })).toEqual(['targets[0].protect[0].database', 'targets[1].protect[0].database']);
      expect(each({ node: 'primary' })).toEqual(['targets[0].protect[0].node', 'targets[1].protect[0].node']);
    });

    it('are told without their values', () => {
      const told = refusal(
        JSON.stringify({ ...good(), targets: [{ ...good().targets[2], protect: [{ state: 'tell-nobody' }] }] }),
      );
      expect(told).toEqual([
        'targets[0].protect[0].state: must be one of active, idle, idleInTransaction, offline, each with or without ! (target "orders")',
      ]);
    });
  });

  it.each([
    [{ maxProcesses: 1, maxShare: 1, killsPerMinute: 1, readOnly: true }, []],
    [{ maxProcesses: 10_000, maxShare: 0.001, killsPerMinute: 100_000, readOnly: false }, []],
    [{ maxProcesses: 0 }, ['maxProcesses']],
    [{ maxProcesses: 10_001 }, ['maxProcesses']],
    [{ maxProcesses: 1.5 }, ['maxProcesses']],
    [{ maxShare: 0 }, ['maxShare']],
    [{ maxShare: 1.01 }, ['maxShare']],
    [{ maxShare: '50%' }, ['maxShare']],
    [{ killsPerMinute: 0 }, ['killsPerMinute']],
    [{ killsPerMinute: 100_001 }, ['killsPerMinute']],
    [{ readOnly: 'yes' }, ['readOnly']],
    [{ drainWatchSeconds: 60 }, ['drainWatchSeconds']],
  ])('has caps such as %j, but for %j', (members, found) => {
    expect(places((tree) => Object.assign(tree.targets[2]!, members))).toEqual(
      found.map((name) => `targets[2].${name}`),
    );
  });

  it.each([
    [0, 0, []],
    [0, 86_400, []],
    [0, 86_401, ['targets[0].drainWatchSeconds']],
    [0, -1, ['targets[0].drainWatchSeconds']],
    [1, 60, ['targets[1].drainWatchSeconds']],
  ])('watches the drain of target %s for %s s', (index, drainWatchSeconds, found) => {
    expect(places((tree) => Object.assign(tree.targets[index]!, { drainWatchSeconds }))).toEqual(found);
  });

  it.each([
    [undefined, [undefined, undefined, true, false]],
    [false, [undefined, undefined, true, false]],
    [true, [true, true, true, true]],
  ])('is read-only as a whole: %s', (readOnly, expected) => {
    const tree = { ...good(), readOnly };
    Object.assign(tree.targets[2]!, { readOnly: true });
    Object.assign(tree.targets[3]!, { readOnly: false });
    expect(load(JSON.stringify(tree)).targets.map(({ config }) => config.readOnly)).toEqual(expected);
    expect(places((other) => Object.assign(other, { readOnly: 'no' }))).toEqual(['readOnly']);
  });

  it('is refused with every error at once', () => {
    const tree = good();
    tree.server['port'] = -1;
    tree.auth.jwt[0]!['jwksUrl'] = 'http://id.example.com/';
    tree.auth.apiKeys[0]!['sha256'] = 'x';
    tree.connections.tenten['password'] = 'tell-nobody';
    tree.connections.huawei['projectId'] = 'x';
    tree.targets[0]!['pool'] = 'Acme';
    tree.targets[1]!['name'] = 'orders';
    Object.assign(tree, { surprise: 1 });
    expect(refusal(JSON.stringify(tree)).map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'surprise',
      'server.port',
      'auth.apiKeys[0].sha256',
      'auth.jwt[0].jwksUrl',
      'connections.tenten.password',
      'connections.huawei.projectId',
      'targets[0].pool',
      'targets[2].name',
    ]);
  });
});

describe('a file', () => {
  const text = (...lines: string[]) => lines.join('\n');

  it.each([
    ['an unclosed list', text('server: { port: 1 }', 'targets: ['), /^line \d+: /],
    ['a tab for indentation', text('server:', '\tport: 1'), /^line 2: /],
    ['a key twice', text('server: { port: 1 }', 'auth: {}', 'server: { port: 2 }'), /^line 3: /],
    ['a nested key twice', text('server:', '  port: 1', '  port: 2'), /^line 3: /],
    ['an alias', text('server: &s { port: 1 }', 'auth: *s'), /^line 2: .*alias/],
    ['an unknown tag', text('server: !!js/function "tell-nobody"'), /^line 1: /],
    ['a secret that begins like an alias', text('password: *tell-nobody'), /alias/],
    ['a secret that begins like a tag', text('password: !tell-nobody x'), /^line 1: /],
    ['two documents', text('server: {}', '---', 'auth: {}'), /^line \d: /],
    ['a secret where none should be', text('password: tell-nobody: tell-nobody'), /^line 1: /],
    ['a secret in a broken text', text('password: "tell-nobody', 'x: 1'), /^line \d: /],
  ])('must be plain YAML: %s', (_name, content, message) => {
    expect(refusal(content)[0]).toMatch(message);
  });

  it.each(['', '# nothing', 'null', '[]', 'text', '5'])('must hold an object: "%s"', (content) => {
    const isEmpty = ['', '# nothing'].includes(content);
    expect(refusal(content)).toEqual([isEmpty ? '(file): is empty' : '(file): must be an object']);
  });

  it('must be UTF-8, with or without a mark', () => {
    const file = join(folder, 'sluice.yaml');
    const utf8 = Buffer.from(`# \u00e9\n${JSON.stringify(good())}`);
    writeFileSync(file, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]));
    expect(loadConfiguration(file, backends, environment).targets).toHaveLength(4);
    writeFileSync(file, utf8.toString('utf8'), 'latin1');
    const message = `${file} cannot be used:\n  (file): is not UTF-8`;
    expect(() => loadConfiguration(file, backends, environment)).toThrow(message);
  });

  it('must be there', () => {
    for (const file of [join(folder, 'nosuch.yaml'), folder]) {
      const message = `${file} cannot be used:\n  (file): cannot be read`;
      expect(() => loadConfiguration(file, backends, {})).toThrow(message);
    }
  });
});
