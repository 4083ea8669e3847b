import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { Mishap } from '../sandbox/frame/fault.ts';
import { gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { ACCESS_KEYS } from '../sandbox/huawei/account.ts';
import { backends } from '../src/backends/backends.module.js';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { callsOfBackends } from './backend-calls.js';
import { startBuilt, type BuiltGateway } from './built-gateway.ts';
import { configFor, sha256, type Config } from './gateway.ts';
import { startEcho, type EchoVendor } from './secrets-echo.ts';
import { leaksIn } from './secrets-search.ts';

const temporaryKey = ACCESS_KEYS.find(({ securityToken }) => securityToken !== undefined)!;
const apiKeys = { operator: 'operator+key/with "odd" signs=1', admin: 'admin-key-that-nobody-knows' };
/** It has to be spelled differently in a URL, in JSON and in XML. */
const ownerPassword = 'Own&er "pass" \\ 100%+ü<word>';
const environment = {
  TENTEN_PASSWORD: ownerPassword,
  HUAWEI_AK: temporaryKey.access,
  HUAWEI_SK: temporaryKey.secret,
  HUAWEI_TOKEN: temporaryKey.securityToken!,
};

type ByKind = { readonly [Kind in Mishap['kind']]: readonly (Extract<Mishap, { kind: Kind }> & { times?: number })[] };

/** What the sandbox can do wrong: every kind, in all that is different about it. */
function mishaps(words: string): ByKind {
  const reply = { kind: 'reply', body: words } as const;
  return {
    latency: [{ kind: 'latency', milliseconds: 30 }],
    status: [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503, executed: true },
    ],
    html: [{ kind: 'html' }],
    redirect: [{ kind: 'redirect', location: `http://127.0.0.1:1/?${words}`, status: 307 }],
    'reset-before': [{ kind: 'reset-before' }],
    'reset-after': [{ kind: 'reset-after' }],
    'fin-after': [{ kind: 'fin-after' }],
    'silence-before': [{ kind: 'silence-before' }],
    'silence-after': [{ kind: 'silence-after' }],
    'cut-body': [
      { kind: 'cut-body', framing: 'length' },
      { kind: 'cut-body', framing: 'chunked', ending: 'reset' },
      { kind: 'cut-body', framing: 'close' },
    ],
    'slow-body': [{ kind: 'slow-body', millisecondsPerByte: 40 }],
    'too-big': [{ kind: 'too-big', bytes: 17 * 1024 * 1024, framing: 'chunked', times: 6 }],
    'wrong-content': [
      { kind: 'wrong-content', content: 'json' },
      { kind: 'wrong-content', content: 'xml' },
      { kind: 'wrong-content', content: 'garbage' },
    ],
    truncate: [{ kind: 'truncate', atByte: 20 }],
    reply: [
      { ...reply, status: 401, contentType: 'text/plain' },
      { ...reply, status: 200, contentType: 'application/json' },
    ],
    // The last: whoever was throttled is left alone for minutes.
    throttle: [{ kind: 'throttle', retryAfter: 0 }, { kind: 'throttle' }],
  };
}

/** The services of Huawei in THE list. */
const services = backends.filter(({ vendor }) => vendor.vendor === 'huawei').map(({ kind }) => kind);
const vendorNames = ['1010data', 'iam', ...services];
const kinds = Object.values(mishaps('')).flat();

let vendors: Vendors;
let echo: EchoVendor;
let gateway: BuiltGateway;
let url: string;
let jwt: string;
const agent = new Agent({ connections: 100 });
const secrets = new Map<string, string>();
/** Heads and bodies; what is the same every time is searched once. */
const answers = new Set<string>();

/** A second way to the same instances: another name of the same address. */
const elsewhere = (address: string) => address.replace('127.0.0.1', 'localhost');

const aksk = {
  accessKey: { env: 'HUAWEI_AK' },
  secretKey: { env: 'HUAWEI_SK' },
  securityToken: { env: 'HUAWEI_TOKEN' },
};

function addWays(config: Config): void {
  const { huawei, tenten } = config.connections;
  const endpoints = (address: (service: string) => string) =>
    Object.fromEntries(services.map((service) => [service, address(service)]));
  const own = endpoints((service) => elsewhere(vendors.urls[service as 'dcs']));
  const repeating = endpoints(() => echo.url);
  const repeatingElsewhere = endpoints(() => elsewhere(echo.url));
  Object.assign(config.connections, {
    signed: { ...huawei, auth: { aksk }, endpoints: own },
    'echo-token': { ...huawei, endpoints: repeating },
    'echo-signed': { ...huawei, auth: { aksk }, endpoints: repeatingElsewhere },
    'echo-tenten': { ...tenten, url: `${echo.url}/gw.k` },
  });
  const cloud = config.targets.filter(({ connection }) => connection === 'huawei');
  const pools = config.targets.filter(({ connection }) => connection === 'tenten');
  for (const connection of ['signed', 'echo-token', 'echo-signed']) {
    config.targets.push(...cloud.map((target) => ({ ...target, name: `${connection}-${target.name}`, connection })));
  }
  config.targets.push(
    ...pools.map((target) => ({ ...target, name: `echo-${target.name}`, connection: 'echo-tenten' })),
  );
  // A connection asks IAM for a token ever more rarely while that fails: every fault meets a connection of its own.
  const iams = [
    ...kinds.map((_, index) => [`iam-${index}`, vendors.urls.iam]),
    ...iamEchoes.map((name) => [name, echo.url]),
  ];
  iams.forEach(([name = '', iam = ''], index) => {
    const auth = { iam: { url: iam, domain: 'acme', user: 'sluice', password: { env: 'IAM_PASSWORD' } } };
    config.connections[name] = { ...huawei, auth };
    const instanceId = `5560df16-cebf-4473-95c4-${String(index).padStart(12, '0')}`;
    config.targets.push({ name, backend: 'dcs', connection: name, instanceId });
  });
}

/** How the repeating vendor answers, one after the other. */
const modes = [
  { status: 400, rc: 1 },
  { status: 401, rc: 4 },
  { status: 403, rc: 35 },
  { status: 409, rc: 5 },
  { status: 429, rc: 45 },
  { status: 500, rc: 38 },
  { status: 502, rc: 41 },
  { status: 200, rc: 0 },
  { status: 404, rc: 7 },
];
const iamEchoes = modes.map((_, index) => `echo-iam-${index}`);

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<string> {
  const answer = await request(`${url}${path}`, {
    method: method as 'GET',
    dispatcher: agent,
    headers: {
      ...('authorization' in headers || 'x-api-key' in headers ? {} : { 'x-api-key': apiKeys.operator }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      prefer: 'wait=1',
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  answers.add(`${method} ${path.split('?', 1)[0]!} ${answer.statusCode} ${JSON.stringify(answer.headers)}`);
  answers.add(text);
  return `${String(answer.statusCode)} ${text}`;
}

/** What a target of the sandbox is called on one way to its vendor. */
type Way = (target: string) => string;

const calls = await callsOfBackends();

/** Every call of the API, on these ways to every target, and every call of every backend. */
async function callEverything(ways: readonly Way[]) {
  const lists = calls.filter(({ does }) => does === 'list').map(({ target }) => target);
  const targets = ways.flatMap((way) => lists.map(way));
  const query = targets.map((name) => `target=${name}`).join('&');
  const bearer = { authorization: `Bearer ${jwt}` };
  const statuses = await Promise.all([
    call('GET', '/targets', undefined, bearer),
    call('GET', `/targets/${targets[0]!}`),
    call('GET', `/processes?${query}`, undefined, { 'x-api-key': apiKeys.admin }),
    call('GET', '/operations?limit=5', undefined, bearer),
    call('GET', '/docs'),
    call('GET', '/openapi.json'),
    call('GET', '/health/ready'),
    call('GET', '/targets', undefined, { ...bearer, 'x-api-key': apiKeys.operator }),
    call('GET', `/processes?target=${targets[0]!}&token=${encodeURIComponent(jwt)}`),
    call('POST', '/sessions/flush', { targets, mode: 'graceful' }),
    call('POST', '/sessions/flush', { targets, mode: 'forced' }),
    ...ways.flatMap((way) => [
      ...calls.map(({ target, by: [method, path, body] }) =>
        call(method, path.replace(`target=${target}`, `target=${way(target)}`), body && renamed(body, target, way)),
      ),
      call('DELETE', `/processes?target=${way('ledger')}&target=${way('carts')}&minIdleSeconds=99999999`),
      call('DELETE', '/processes', { target: way('ledger'), ids: ['140013', '140014'] }, bearer),
    ]),
  ]);
  return statuses.map((status) => Number(status.slice(0, 3)));
}

function renamed(body: object, target: string, way: Way): object {
  return JSON.parse(JSON.stringify(body).replaceAll(JSON.stringify(target), JSON.stringify(way(target)))) as object;
}

const isPool: ReadonlySet<string> = new Set(['bi-pool', 'bi-user']);
const ours: readonly Way[] = [(target) => target, (target) => (isPool.has(target) ? target : `signed-${target}`)];
const repeating = ['echo-token', 'echo-signed'].map(
  (name): Way =>
    (target) =>
      `${isPool.has(target) ? 'echo' : name}-${target}`,
);

/** Keeps what the vendors issued and were shown, and puts them back to the beginning. */
function startAfresh(): void {
  const session = vendors.tentendata.session('acme_owner');
  if (session) {
    secrets.set(`sid ${session.sid}`, session.sid);
    secrets.set(`encrypted password of ${session.sid}`, session.encryptedPassword);
  }
  for (const { raw } of vendors.journal.all()) {
    const { 'x-auth-token': token, authorization } = raw.headers;
    if (typeof token === 'string') secrets.set(`token ${token.slice(0, 12)}`, token);
    const signature = /Signature=(\w+)/.exec(authorization ?? '')?.[1];
    if (signature !== undefined) secrets.set(`signature ${signature.slice(0, 12)}`, signature);
  }
  vendors.reset();
  vendors.tentendata.changePassword('acme_owner', ownerPassword);
}

beforeAll(async () => {
  [vendors, echo] = await Promise.all([startVendors(), startEcho()]);
  vendors.tentendata.changePassword('acme_owner', ownerPassword);
  const config = configFor(vendors, {
    traffic: {
      timeouts: { connectMs: 500, answerMs: 800, lookMs: 1500 },
      breaker: { failures: 1000, openMs: 10 },
    },
    change: (it) => {
      it.auth.apiKeys = Object.entries(apiKeys).map(([role, key]) => {
        return { name: role, sha256: sha256(key), grants: [{ role, targets: ['*'], statements: true }] };
      });
      addWays(it);
    },
  });
  gateway = startBuilt(JSON.stringify(config), { environment });
  ({ url } = await gateway.listening());
  jwt = await vendors.identity.token({ sub: 'sue', groups: ['dba'] });
  const known = { ...gatewayEnvironment, ...environment, ...apiKeys };
  for (const [name, value] of Object.entries(known)) secrets.set(name, value);
  secrets.set('JWT', jwt);
  secrets.set('signature of the JWT', jwt.split('.')[2]!);
}, 30_000);

afterAll(async () => {
  await gateway.close();
  await agent.close();
  await Promise.all([vendors.close(), echo.close()]);
});

describe('a secret', () => {
  it('is in nothing that the gateway says, whatever vendors do', async () => {
    // The first round is slow, and time is short here.
    await callEverything(ours);
    startAfresh();
    const statuses = await callEverything(ours);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    const metFaults = new Set<string>();
    for (const index of kinds.keys()) {
      startAfresh();
      const { sid = '', encryptedPassword = '' } = vendors.tentendata.session('acme_owner') ?? {};
      const faultAt = (vendor: string, words: string) => ({ ...Object.values(mishaps(words)).flat()[index]!, vendor });
      // The faults of the services only show with a good token.
      await call('GET', '/processes?target=carts&limit=0');
      // A vendor can repeat what it was sent.
      vendors.faults.replace([
        { ...faultAt('1010data', `pswd ${encryptedPassword} of ${sid}`), call: 'session' },
        faultAt(
          '1010data',
          `<out><rc>4</rc><msg>wrong: ${ownerPassword.replace('&', '&amp;').replace('<', '&lt;')}</msg></out>`,
        ),
        faultAt('iam', JSON.stringify({ error: { message: `wrong: ${gatewayEnvironment.IAM_PASSWORD}` } })),
        ...services.map((vendor) => faultAt(vendor, 'refused')),
      ]);
      // Alone, so that no other call takes the time in which IAM is asked.
      await call('GET', `/processes?target=iam-${index}`);
      await callEverything(ours);
      for (const entry of vendors.journal.all())
        for (const kind of entry.faults) metFaults.add(`${entry.vendor} ${kind}`);
    }
    startAfresh();
    for (const [index, mode] of modes.entries()) {
      echo.mode = mode;
      await Promise.all([callEverything(repeating), call('GET', `/processes?target=${iamEchoes[index]!}`)]);
    }
    startAfresh();
    const expected = vendorNames.flatMap((vendor) => kinds.map(({ kind }) => `${vendor} ${kind}`));
    expect(expected.filter((one) => !metFaults.has(one))).toEqual([]);
    const stored = await call('GET', '/operations?limit=1000', undefined, { 'x-api-key': apiKeys.admin });
    expect((JSON.parse(stored.slice(4)) as { items: object[] }).items.length).toBeGreaterThan(100);
    await call('GET', '/metrics');
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect([...secrets.keys()].filter((name) => name.startsWith('token')).length).toBeGreaterThan(5);
    expect([...secrets.keys()].filter((name) => name.startsWith('sid')).length).toBeGreaterThan(5);
    expect([...secrets.keys()].filter((name) => name.startsWith('signature')).length).toBeGreaterThan(50);
    expect(leaksIn({ output: gateway.output(), answers: [...answers].join('\n') }, secrets)).toEqual([]);
  }, 120_000);
});

describe('a secret in the wrong place', () => {
  const misplaced = 'hunter2-in-the-clear';
  const broken: readonly (readonly [string, string])[] = [
    ['where a reference belongs', JSON.stringify(withPassword(misplaced))],
    ['as an unknown member', JSON.stringify(withPassword({ env: 'TENTEN_PASSWORD', value: misplaced }))],
    ['in an address', JSON.stringify(withUrl(`https://uid:${misplaced}@vendor.example/gw.k`))],
    ['in a plain address', JSON.stringify(withUrl(`http://vendor.example/gw.k?pswd=${misplaced}`))],
    ['in broken YAML', `connections:\n  tenten: { password: "${misplaced}\n targets: [`],
    ['under a key that stands twice', `a: ${misplaced}\na: ${misplaced}\n`],
    ['as an alias', `a: *${misplaced}\n`],
    ['as the whole file', misplaced],
  ];

  function withPassword(password: unknown): object {
    return { connections: { tenten: { vendor: '1010data', url: 'https://vendor.example/gw.k', uid: 'a', password } } };
  }

  function withUrl(address: string): object {
    const password = { env: 'TENTEN_PASSWORD' };
    return { connections: { tenten: { vendor: '1010data', url: address, uid: 'a', password } } };
  }

  it('is refused without being told', async () => {
    const told = await Promise.all(
      broken.map(async ([where, config]) => {
        const started = startBuilt(config, { environment: { TENTEN_PASSWORD: ownerPassword } });
        return { where, code: await started.ended, output: started.output() };
      }),
    );
    expect(told.filter(({ code, output }) => code !== 78 || !output.includes('cannot be used'))).toEqual([]);
    const planted = new Map([
      ['misplaced', misplaced],
      ['owner', ownerPassword],
    ]);
    const places = Object.fromEntries(told.map(({ where, output }) => [where, output]));
    expect(leaksIn(places, planted)).toEqual([]);
  }, 60_000);
});

describe('a crash', () => {
  /** Fails as an HTTP client does: all that was sent is on the error. */
  const failing = `
    const url = 'https://vendor.example/gw.k?pswd=' + encodeURIComponent(process.env.TENTEN_PASSWORD);
    const make = () => Object.assign(
      new Error('request to ' + url + ' failed\\n    at ' + process.env.TENTEN_PASSWORD, { cause: new TypeError('Invalid header ' + process.env.HUAWEI_TOKEN) }),
      { code: 'ECONNRESET', config: { url, headers: { 'x-auth-token': process.env.HUAWEI_TOKEN } }, url },
    );
    process.once('SIGHUP', () => { throw make(); });
    process.once('SIGUSR2', () => { void Promise.reject(make()); });
    process.once('SIGWINCH', () => { void Promise.reject({ url }); });`;

  it('is one line without a secret', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
    const file = join(folder, 'failing.mjs');
    writeFileSync(file, failing);
    const config = JSON.stringify(configFor(vendors));
    const crashed = await Promise.all(
      (['SIGHUP', 'SIGUSR2', 'SIGWINCH'] as const).map(async (signal) => {
        const started = startBuilt(config, { environment, nodeArguments: ['--import', file] });
        await started.listening();
        started.signal(signal);
        return { signal, code: await started.ended, log: started.log, output: started.output() };
      }),
    );
    rmSync(folder, { recursive: true });
    for (const { code, log } of crashed) {
      expect(code).toBe(1);
      expect(log.filter(({ level }) => level === 'fatal')).toEqual([expect.objectContaining({ msg: 'crashed' })]);
    }
    const places = Object.fromEntries(crashed.map(({ signal, output }) => [signal, output]));
    expect(leaksIn(places, new Map(Object.entries(environment)))).toEqual([]);
  }, 60_000);
});
