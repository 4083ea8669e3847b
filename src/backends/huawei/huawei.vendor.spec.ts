import { afterEach, describe, expect, it } from '@jest/globals';
import { ACCESS_KEYS, DOMAIN, PROJECT, USER } from '../../../sandbox/huawei/account.ts';
import { DCS } from '../../../sandbox/huawei/dcs/seed.ts';
import { GAUSSDB } from '../../../sandbox/huawei/gaussdb/seed.ts';
import { TAURUSDB } from '../../../sandbox/huawei/taurusdb/seed.ts';
import { startVendors, type Vendors } from '../../../sandbox/vendors.ts';
import { answer, onRequest, ScriptedServer } from '../../../test/scripted-server.js';
import { systemClock } from '../../core/model/clock.js';
import { Secret } from '../../transport/secret.js';
import type { Target } from '../../core/model/target.js';
import type { SecretReference } from '../../transport/secret.config.js';
import { accept } from '../../validation/accept.js';
import type { Backend, Connection } from '../backend.js';
import { dcs } from './dcs/dcs.backend.js';
import { gaussdb } from './gaussdb/gaussdb.backend.js';
import { HuaweiConnectionConfig } from './huawei.config.js';
import { huawei } from './huawei.vendor.js';
import { callAt } from './spec-cloud.js';
import { taurusdb } from './taurusdb/taurusdb.backend.js';

const reference = { env: 'SECRET' };
const iam = { url: 'https://iam.example.com', domain: DOMAIN.name, user: USER.name, password: reference };
const aksk = { accessKey: reference, secretKey: reference };
const endpoints = {
  gaussdb: 'https://a.example.com',
  taurusdb: 'https://b.example.com',
  dcs: 'https://c.example.com/',
};
const whole = { vendor: 'huawei', projectId: PROJECT.id, auth: { iam }, endpoints };

/** What is wrong with it: path by path. */
function errorsOf(input: object): readonly string[] {
  const { value, violations } = accept(HuaweiConnectionConfig, input);
  if (violations.length > 0) return violations.map(({ path }) => path.join('.'));
  return huawei.check(value).map(({ path }) => path);
}

describe('the configuration of a connection', () => {
  it.each<[string, object]>([
    ['a password', whole],
    ['access keys', { ...whole, auth: { aksk } }],
    ['temporary keys', { ...whole, auth: { aksk: { ...aksk, securityToken: reference } } }],
    ['a project id with dashes', { ...whole, projectId: '0611f1bd-8b00-d5d3-2f17-c017f15b599f' }],
    ['a region, by a password', { ...whole, projectId: undefined, region: 'ap-southeast-1' }],
    [
      'a region, by access keys',
      {
        ...{ ...whole, projectId: undefined, region: 'ap-southeast-1_dev', auth: { aksk } },
        endpoints: { ...endpoints, iam: 'https://iam.example.com' },
      },
    ],
    ['a region beside its project', { ...whole, region: 'ap-southeast-1', auth: { aksk } }],
    ['one endpoint, on loopback', { ...whole, endpoints: { dcs: 'http://127.0.0.1:8080' } }],
    ['limits', { ...whole, timeouts: { answerMs: 2000 } }],
  ])('is right with %s', (_name, input) => {
    expect(errorsOf(input)).toEqual([]);
  });

  it.each<[object, readonly string[]]>([
    [{ auth: {} }, ['auth']],
    [{ auth: { iam, aksk } }, ['auth']],
    [{ auth: { aksk: { accessKey: 'AK', secretKey: reference } } }, ['auth.aksk.accessKey']],
    [{ auth: { aksk: { accessKey: reference } } }, ['auth.aksk.secretKey']],
    [{ auth: { iam: { ...iam, password: 'secret' } } }, ['auth.iam.password']],
    [{ auth: { iam: { ...iam, url: 'http://iam.example.com' } } }, ['auth.iam.url']],
    [{ auth: { iam: { ...iam, url: 'https://iam.example.com/v3' } } }, ['auth.iam.url']],
    [{ projectId: '../..' }, ['projectId']],
    [{ projectId: undefined }, ['projectId']],
    [{ endpoints: { dcs: 'http://dcs.example.com' } }, ['endpoints.dcs']],
    [
      { endpoints: { dcs: 'https://dcs.example.com/v2', gaussdb: 'https://u:p@x' } },
      ['endpoints.gaussdb', 'endpoints.dcs'],
    ],
    [{ endpoints: { dcs: 'https://dcs.example.com?x=1' } }, ['endpoints.dcs']],
    [{ endpoints: { ddm: 'https://ddm.example.com' } }, ['endpoints.ddm']],
    [{ projectId: undefined, region: '../x' }, ['region']],
    [{ projectId: undefined, region: 'ap-southeast-1', auth: { aksk } }, ['endpoints.iam']],
    [{ endpoints: { ...endpoints, iam: 'https://iam.example.com/v3' } }, ['endpoints.iam']],
    [{ zone: 'x' }, ['zone']],
  ])('is wrong with %j', (change, paths) => {
    expect(errorsOf({ ...whole, ...change })).toEqual(paths);
  });
});

const shared = { connection: 'huawei' };
const ledger = {
  ...shared,
  name: 'ledger',
  backend: 'gaussdb',
  instanceId: GAUSSDB.instanceId,
  nodes: [{ id: GAUSSDB.nodeId, component: 'cn_5001' }],
};
const orders = {
  ...shared,
  name: 'orders',
  backend: 'taurusdb',
  instanceId: TAURUSDB.instanceId,
  nodes: [{ id: TAURUSDB.nodeId, name: 'primary' }],
};
const carts = { ...shared, name: 'carts', backend: 'dcs', instanceId: DCS.instanceId };

function targetErrorsOf(backend: Backend, input: object, connection: object = whole): readonly string[] {
  const { value, violations } = accept(backend.Config, input);
  if (violations.length > 0) return violations.map(({ path }) => path.join('.'));
  return backend.check(value, accept(HuaweiConnectionConfig, connection).value).map(({ path }) => path);
}

describe('the configuration of a target', () => {
  it.each<[Backend, object]>([
    [gaussdb, ledger],
    [gaussdb, { ...ledger, nodes: undefined }],
    [taurusdb, { ...orders, nodes: undefined }],
    [gaussdb, { ...ledger, nodes: [...ledger.nodes, { id: GAUSSDB.nodeId, component: 'dn_6001' }] }],
    [taurusdb, orders],
    [dcs, carts],
    [dcs, { ...carts, nodes: [{ id: DCS.nodeId }, { id: DCS.secondNodeId, name: 'replica' }] }],
  ])('is right: %#', (backend, input) => {
    expect(targetErrorsOf(backend, input)).toEqual([]);
  });

  it.each<[Backend, object, readonly string[]]>([
    [gaussdb, { ...ledger, nodes: [] }, ['nodes']],
    [gaussdb, { ...ledger, nodes: [{ id: GAUSSDB.nodeId }] }, ['nodes.0.component']],
    [gaussdb, { ...ledger, nodes: [{ id: GAUSSDB.nodeId, component: 'cm_1' }] }, ['nodes.0.component']],
    [gaussdb, { ...ledger, nodes: [...ledger.nodes, ...ledger.nodes] }, ['nodes[1]']],
    [gaussdb, { ...ledger, instanceId: 'x/../y' }, ['instanceId']],
    [gaussdb, { ...ledger, nodes: [...ledger.nodes, { ...ledger.nodes[0], name: 'again' }] }, ['nodes[1]']],
    [
      taurusdb,
      { ...orders, nodes: [...orders.nodes, { id: TAURUSDB.nodeId.toUpperCase().replace('NO07', 'no07') }] },
      ['nodes[1]'],
    ],
    [
      dcs,
      { ...carts, nodes: [{ id: DCS.nodeId }, { id: DCS.nodeId.replaceAll('-', '').toUpperCase(), name: 'again' }] },
      ['nodes[1]'],
    ],
    [taurusdb, { ...orders, instanceId: GAUSSDB.instanceId }, ['instanceId']],
    [taurusdb, { ...orders, nodes: [{ id: GAUSSDB.nodeId }] }, ['nodes.0.id']],
    [taurusdb, { ...orders, nodes: ['x'] }, ['nodes.0']],
    [taurusdb, { ...orders, nodes: [null] }, ['nodes.0']],
    [dcs, { ...carts, instanceId: TAURUSDB.instanceId }, ['instanceId']],
    [dcs, { ...carts, nodes: [] }, ['nodes']],
    [dcs, { ...carts, nodes: null }, ['nodes']],
  ])('is wrong: %#', (backend, input, paths) => {
    expect(targetErrorsOf(backend, input)).toEqual(paths);
  });

  it('needs an endpoint of its service', () => {
    const elsewhere = { ...whole, endpoints: { gaussdb: endpoints.gaussdb } };
    expect(targetErrorsOf(gaussdb, ledger, elsewhere)).toEqual([]);
    expect(targetErrorsOf(taurusdb, orders, elsewhere)).toEqual(['connection']);
    expect(targetErrorsOf(dcs, carts, elsewhere)).toEqual(['connection']);
  });

  it('identifies an instance, however it is written and whatever is wrong with its connection', () => {
    const identity = (change: object, connection: object = whole) =>
      dcs.identity(accept(dcs.Config, { ...carts, ...change }).value, accept(HuaweiConnectionConfig, connection).value)
        .text;
    expect(identity({ name: 'other', instanceId: DCS.instanceId.toUpperCase() })).toBe(identity({}));
    expect(identity({ instanceId: DCS.otherInstanceId })).not.toBe(identity({}));
    expect(identity({}, { ...whole, endpoints: { dcs: 'nowhere' } })).toContain(DCS.instanceId);
    expect(identity({}, {})).toContain(DCS.instanceId);
  });
});

describe('an open connection', () => {
  let vendors: Vendors | undefined;
  let connection: Connection | undefined;
  const refreshed: string[] = [];
  const key = ACCESS_KEYS[1]!;

  afterEach(async () => {
    await connection?.close();
    await vendors?.close();
    refreshed.length = 0;
  });

  function secretOf(given: SecretReference | undefined, value = ''): void {
    given?.resolve(new Secret(value));
  }

  async function open(auth: 'iam' | 'aksk', password: string = USER.password, elsewhere: object = {}) {
    vendors = await startVendors({ huawei: { tokenBytes: 100_000, jobMs: 0 } });
    const { urls } = vendors;
    const { value } = accept(HuaweiConnectionConfig, {
      ...whole,
      auth: auth === 'iam' ? { iam: { ...iam, url: urls.iam } } : { aksk: { ...aksk, securityToken: reference } },
      endpoints: { gaussdb: urls.gaussdb, taurusdb: urls.taurusdb, dcs: urls.dcs, ...elsewhere },
    });
    secretOf(value.auth.iam?.password, password);
    secretOf(value.auth.aksk?.accessKey, key.access);
    secretOf(value.auth.aksk?.secretKey, key.secret);
    secretOf(value.auth.aksk?.securityToken, key.securityToken);
    const watchers = {
      measured: () => undefined,
      settled: () => undefined,
      circuit: () => undefined,
      tokenRefreshed: (name: string, outcome: string) => refreshed.push(`${name} ${outcome}`),
    };
    const opened = huawei.open('huawei', value, watchers, systemClock);
    connection = opened;
    const make = (backend: Backend, input: object): Target => backend.make(accept(backend.Config, input).value, opened);
    return {
      vendors,
      targets: { gauss: make(gaussdb, ledger), taurus: make(taurusdb, orders), cache: make(dcs, carts) },
    };
  }

  const call = () => callAt(systemClock);

  it.each(['iam', 'aksk'] as const)('reaches every service by %s, as they want it', async (auth) => {
    const { vendors, targets } = await open(auth);
    const { gauss, taurus, cache } = targets;
    const [cn] = await gauss.nodes(call());
    const [primary] = await taurus.nodes(call());
    const [master] = await cache.nodes(call());
    expect((await gauss.look!(cn!, call())).processes).toHaveLength(8);
    expect((await gauss.flush!.graceful!.run(cn!, call())).is).toBe('ended');
    const { processes } = await taurus.look!(primary!, call());
    const refs = processes.filter(({ id }) => id === '9007199254740993');
    expect((await taurus.kill!.run(primary!, refs, call())).ended).toEqual([
      { id: '9007199254740993', outcome: 'ended' },
    ]);
    const [client] = vendors.huawei.dcs.clients({ instanceId: DCS.instanceId, nodeId: DCS.nodeId });
    const ref = { id: client!.peer, node: null, user: null, client: null, database: null };
    expect((await cache.kill!.run(master!, [ref], call())).ended).toEqual([{ id: client!.peer, outcome: 'ended' }]);
    expect(vendors.huawei.tokensIssued()).toBe(auth === 'iam' ? 1 : 0);
    expect(refreshed).toEqual(auth === 'iam' ? ['huawei ok'] : []);
  });

  it('renews its token when that was revoked', async () => {
    const { vendors, targets } = await open('iam');
    const [primary] = await targets.taurus.nodes(call());
    await targets.taurus.look!(primary!, call());
    vendors.huawei.revokeTokens();
    expect((await targets.taurus.look!(primary!, call())).complete).toBe(true);
    expect(vendors.huawei.tokensIssued()).toBe(2);
  });

  it('renews its token once in a call, also where the vendor throttles in between', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(401)),
      onRequest(answer(429, '', 'Retry-After: 0')),
      onRequest(answer(401)),
      onRequest(answer(200, '{"success":true}')),
    );
    const { vendors, targets } = await open('iam', USER.password, { gaussdb: server.url() });
    const [cn] = await targets.gauss.nodes(call());
    const failure: unknown = await targets.gauss.flush!.graceful!.run(cn!, call()).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: 'upstream-rejected', sent: 'refused', upstream: { httpStatus: 401 } });
    const [first, second, third, ...more] = server.ledger.map(({ head }) => /x-auth-token: (\S+)/.exec(head)?.[1]);
    expect([first !== second, second === third, more, vendors.huawei.tokensIssued()]).toEqual([true, true, [], 2]);
  });

  it('signs every try of a call by its key, and sends nothing after a 401', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 0')),
      onRequest(answer(401)),
      onRequest(answer(200, '{"success":true}')),
    );
    const { targets } = await open('aksk', USER.password, { gaussdb: server.url() });
    const [cn] = await targets.gauss.nodes(call());
    const failure: unknown = await targets.gauss.flush!.graceful!.run(cn!, call()).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: 'upstream-rejected', sent: 'refused', upstream: { httpStatus: 401 } });
    expect(server.ledger.map(({ head }) => /authorization: (\S+) /i.exec(head)?.[1])).toEqual([
      'SDK-HMAC-SHA256',
      'SDK-HMAC-SHA256',
    ]);
  });

  it('tells that IAM refuses it, and sends nothing', async () => {
    const { targets } = await open('iam', 'wrongPassword');
    const [cn] = await targets.gauss.nodes(call());
    const failure: unknown = await targets.gauss.flush!.graceful!.run(cn!, call()).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      kind: 'upstream-rejected',
      sent: 'never',
      upstream: { backend: 'iam', httpStatus: 401, message: 'The username or password is wrong.' },
    });
    expect(refreshed).toEqual(['huawei upstream-rejected']);
  });
});
