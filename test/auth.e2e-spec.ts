import { createHmac, createPublicKey, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, listOf, lookOf, openGateway, operationOf, problemOf, sha256 } from './gateway.ts';
import type { Answer, CallOptions, Config, Gateway } from './gateway.ts';
import { until } from './until.ts';

let vendors: Vendors;

beforeAll(async () => {
  vendors = await startVendors();
});

beforeEach(() => {
  vendors.reset();
});

afterAll(() => vendors.close());

const everywhere = (role: string) => [{ role, targets: ['*'] }];
const key = (name: string, grants: object[], more: object = {}) => ({ name, sha256: sha256(name), grants, ...more });

function withKeys(...apiKeys: object[]): { vendors: Vendors; change: (config: Config) => void } {
  return {
    vendors,
    change: ({ auth, targets }) => {
      auth.apiKeys = apiKeys;
      targets.push({ name: 'spare', backend: '1010data', connection: 'tenten', pool: 'acme_spare' });
    },
  };
}

function expectUnauthenticated(answer: Answer): void {
  expect([answer.status, problemOf(answer).code, problemOf(answer).retryable]).toEqual([401, 'unauthenticated', false]);
  expect(answer.headers['www-authenticate']).toMatch(/Bearer/);
}

describe('an API key', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await openGateway(
      withKeys(
        key('old', everywhere('viewer'), { name: 'app', expiresAt: '2999-01-01T00:00:00Z' }),
        key('new', everywhere('viewer'), { name: 'app' }),
        key('gone', everywhere('admin'), { name: 'app', expiresAt: '2020-01-01T00:00:00+01:00' }),
        { ...key('upper', everywhere('viewer')), sha256: sha256('upper').toUpperCase() },
      ),
    );
  });

  afterAll(() => gateway.close());

  const ask = (headers: CallOptions['headers'] = {}) => gateway.call('GET', '/targets', { key: null, headers });

  it.each(['old', 'new', 'upper'])('lets in who has it: %s', async (secret) => {
    expect((await ask({ 'x-api-key': secret })).status).toBe(200);
  });

  it.each([
    ['without any credential', {}],
    ['with an unknown key', { 'x-api-key': 'unknown' }],
    ['with an empty key', { 'x-api-key': '' }],
    ['with the hash instead of the key', { 'x-api-key': sha256('new') }],
    ['with two keys', { 'x-api-key': ['new', 'new'] }],
    ['with an expired key', { 'x-api-key': 'gone' }],
    ['with the key as a token', { authorization: 'Bearer new' }],
    ['with another scheme', { authorization: 'Basic bmV3' }],
    ['with a scheme alone', { authorization: 'Bearer' }],
    ['with an empty Authorization', { authorization: '' }],
    ['with a good key and a token', { 'x-api-key': 'new', authorization: 'Bearer x' }],
    ['with a good key and an empty Authorization', { 'x-api-key': 'new', authorization: '' }],
    ['with a key in a cookie', { cookie: 'x-api-key=new' }],
  ])('lets nobody in %s', async (_name, headers) => {
    expectUnauthenticated(await ask(headers));
  });

  it.each([
    ['GET', '/me'],
    ['GET', '/targets/bi-pool'],
    ['GET', '/processes?target=bi-pool'],
    ['DELETE', '/processes?target=orders&user=app'],
    ['POST', '/sessions/flush'],
    ['POST', '/sessions/tune'],
    ['GET', '/operations'],
    ['GET', '/operations/op_1'],
  ])('is needed for %s %s', async (method, path) => {
    const body = method === 'POST' ? { body: { targets: ['bi-pool'] } } : {};
    expectUnauthenticated(await gateway.call(method, path, { key: null, ...body }));
    expect(vendors.journal.all()).toEqual([]);
  });

  it.each(['/health/live', '/health/ready', '/openapi.json', '/docs', '/problems/internal'])(
    'is not needed for %s',
    async (path) => {
      expect((await gateway.call('GET', path, { key: null })).status).toBe(200);
    },
  );

  it('is needed for metrics, which name targets', async () => {
    expectUnauthenticated(await gateway.call('GET', '/metrics', { key: null }));
    expect((await gateway.call('GET', '/metrics', { key: 'old' })).status).toBe(200);
  });

  it('is counted by the reason when it does not open', async () => {
    const count = async (reason: string) => {
      const { text } = await gateway.call('GET', '/metrics', { key: 'new' });
      return Number(new RegExp(`sluice_auth_failures_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1]);
    };
    for (const [reason, headers] of [
      ['missing', {}],
      ['both', { 'x-api-key': 'new', authorization: 'Bearer x' }],
      ['scheme', { authorization: 'Basic x' }],
      ['api-key', { 'x-api-key': 'wrong' }],
      ['token', { authorization: 'Bearer x' }],
    ] as const) {
      const before = await count(reason);
      await ask(headers);
      expect(await count(reason)).toBe(before + 1);
    }
  });

  it('is not told in any answer or log line', async () => {
    const secret = 'a-secret-that-is-wrong';
    const answer = await ask({ 'x-api-key': secret });
    expect(answer.text).not.toContain(secret);
    expect(JSON.stringify(gateway.log)).not.toContain(secret);
  });
});

describe('a role', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    const on = (role: string, ...targets: string[]) => ({ role, targets });
    gateway = await openGateway(
      withKeys(
        key('viewer', everywhere('viewer')),
        key('operator', everywhere('operator')),
        key('admin', everywhere('admin')),
        key('nobody', [on('admin', 'other-*')]),
        key('mixed', [on('viewer', '*'), on('operator', 'bi-*', 'or*rs')]),
        key('narrow', [on('operator', 'bi-pool')]),
      ),
    );
  });

  afterAll(() => gateway.close());

  const flushing = { body: { targets: ['bi-pool'], dryRun: true } };
  const tuning = { body: { target: 'bi-user', settings: { infinityToNa: true }, dryRun: true } };
  const calls = [
    ['GET', '/targets/bi-pool', {}, 'viewer'],
    ['GET', '/processes?target=bi-pool&limit=0', {}, 'viewer'],
    ['POST', '/sessions/flush', flushing, 'operator'],
    ['POST', '/sessions/tune', tuning, 'operator'],
    ['DELETE', '/processes?target=orders&user=nobody&dryRun=true', {}, 'operator'],
    ['DELETE', '/processes', { body: { target: 'orders', ids: ['1'], dryRun: true } }, 'operator'],
  ] as const;
  const ladder = ['viewer', 'operator', 'admin'];
  const matrix = calls.flatMap(([method, path, options, needed]) =>
    [...ladder, 'nobody'].map((held) => [held, method, path, options, needed] as const),
  );

  it.each(matrix)('%s: %s %s', async (held, method, path, options, needed) => {
    const answer = await gateway.call(method, path, { ...options, key: held });
    if (held === 'nobody') {
      expect([answer.status, problemOf(answer).code]).toEqual([404, 'unknown-target']);
    } else if (ladder.indexOf(held) < ladder.indexOf(needed)) {
      expect([answer.status, problemOf(answer).code, problemOf(answer).retryable]).toEqual([403, 'forbidden', false]);
      expect(problemOf(answer).detail).toMatch(new RegExp(`\\b${held} is viewer\\b.*\\b${needed}\\b`));
    } else {
      expect([200, 207]).toContain(answer.status);
      return;
    }
    expect(vendors.journal.all()).toEqual([]);
  });

  it('shows the targets that are granted, and what may be done to them', async () => {
    const seen = async (who: string) => {
      const { items } = (await gateway.call('GET', '/targets', { key: who })).body as {
        items: { name: string; may: string[] }[];
      };
      return Object.fromEntries(items.map(({ name, may }) => [name, may.join()]));
    };
    expect(await seen('nobody')).toEqual({});
    expect(await seen('narrow')).toEqual({ 'bi-pool': 'look,flush' });
    expect(await seen('viewer')).toMatchObject({ 'bi-pool': 'look', 'bi-user': '', orders: 'look', spare: 'look' });
    expect(await seen('mixed')).toMatchObject({
      'bi-pool': 'look,flush',
      'bi-user': 'tune',
      orders: 'look,flush,kill',
      ledger: 'look',
    });
  });

  it('makes no difference between what is not granted and what is not there', async () => {
    const both = async (method: string, path: string, body?: (name: string) => object) =>
      Promise.all(
        ['spare', 'nosuch'].map(async (name) => {
          const options = body ? { body: body(name) } : {};
          const answer = await gateway.call(method, path.replace('NAME', name), { key: 'narrow', ...options });
          const { 'x-request-id': _id, date: _date, 'content-length': _length, ...others } = answer.headers;
          // Counted for the caller alone, whatever is asked for.
          const { ratelimit: _standing, ...headers } = others;
          const problem = { ...problemOf(answer), requestId: '' };
          return JSON.stringify([answer.status, headers, problem]).replaceAll(name, 'NAME');
        }),
      );
    for (const [hidden, missing] of [
      await both('GET', '/targets/NAME'),
      await both('GET', '/processes?target=NAME'),
      await both('DELETE', '/processes?target=NAME&user=x'),
      await both('POST', '/sessions/flush', (name) => ({ targets: ['bi-pool', name] })),
      await both('POST', '/sessions/tune', (name) => ({ target: name, settings: { infinityToNa: true } })),
    ]) {
      expect(hidden).toBe(missing);
      expect(hidden).toContain('"unknown-target"');
    }
  });

  it('refuses the whole call when it is missing for one target, before any vendor is asked', async () => {
    for (const targets of [
      ['bi-pool', 'ledger'],
      ['ledger', 'bi-pool', 'spare'],
    ]) {
      const answer = await gateway.call('POST', '/sessions/flush', { key: 'mixed', body: { targets } });
      expect([answer.status, problemOf(answer).code]).toEqual([403, 'forbidden']);
      const pointers = targets.flatMap((name, index) => (name === 'bi-pool' ? [] : [`/targets/${index}`]));
      expect(problemOf(answer).errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    }
    const kill = await gateway.call('DELETE', '/processes?target=orders&target=ledger&user=x', { key: 'mixed' });
    expect(kill.status).toBe(403);
    const look = await gateway.call('GET', '/processes?target=bi-pool&target=spare', { key: 'narrow' });
    expect([look.status, problemOf(look).code]).toEqual([404, 'unknown-target']);
    expect(vendors.journal.all()).toEqual([]);
  });
});

describe('GET /me', () => {
  const me = (gateway: Gateway, options: CallOptions) => gateway.call('GET', '/me', options);

  it('tells the holder of a key its name, its end and its own grants', async () => {
    const grants = [
      { role: 'viewer', targets: ['*'] },
      { role: 'operator', targets: ['bi-*', 'or*rs'], statements: true },
    ];
    const gateway = await openGateway(
      withKeys(
        key('ending', grants, { name: 'app', expiresAt: '2999-01-01T01:00:00+01:00' }),
        key('lasting', [{ role: 'admin', targets: ['gone-*'] }], { name: 'app' }),
      ),
    );
    try {
      const answer = await me(gateway, { key: 'ending' });
      expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(answer.body).toEqual({
        name: 'app',
        credential: 'apiKey',
        expiresAt: '2999-01-01T00:00:00.000Z',
        grants: [{ ...grants[0], statements: false }, grants[1]],
      });
      expect((await me(gateway, { key: 'lasting' })).body).toEqual({
        name: 'app',
        credential: 'apiKey',
        expiresAt: null,
        grants: [{ role: 'admin', targets: ['gone-*'], statements: false }],
      });
      expectUnauthenticated(await me(gateway, { key: 'wrong' }));
      expectUnauthenticated(await me(gateway, { key: null }));
      const odd = await gateway.call('GET', '/me?name=app', { key: 'lasting' });
      expect([odd.status, problemOf(odd).code]).toEqual([400, 'invalid-request']);
      const wrong = await gateway.call('POST', '/me', { key: 'lasting', body: {} });
      expect([wrong.status, problemOf(wrong).code]).toEqual([405, 'method-not-allowed']);
      expect(vendors.journal.all()).toEqual([]);
    } finally {
      await gateway.close();
    }
  });

  it('tells the holder of a token what its claims grant, even if that is nothing', async () => {
    const gateway = await openGateway({ vendors });
    const told = async (claims: object) => {
      const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'], ...claims });
      return (await me(gateway, { key: null, headers: { authorization: `Bearer ${token}` } })).body;
    };
    const name = `${vendors.identity.issuer}#sue`;
    const grants = [{ role: 'operator', targets: ['*'], statements: true }];
    try {
      const exp = Math.floor(Date.now() / 1000) + 300;
      const expiresAt = new Date(exp * 1000).toISOString();
      expect(await told({ exp })).toEqual({ name, credential: 'token', expiresAt, grants });
      expect(await told({ exp, groups: [] })).toEqual({ name, credential: 'token', expiresAt, grants: [] });
      // A time that no calendar has.
      expect(await told({ exp: 1e15 })).toEqual({ name, credential: 'token', expiresAt: null, grants });
    } finally {
      await gateway.close();
    }
  });

  it('tells a caller without credentials the role of all such callers', async () => {
    const change = (config: Config) => void Object.assign(config, { auth: { anonymous: 'operator' } });
    const gateway = await openGateway({ vendors, change });
    try {
      expect((await me(gateway, { key: null })).body).toEqual({
        name: 'anonymous',
        credential: 'anonymous',
        expiresAt: null,
        grants: [{ role: 'operator', targets: ['*'], statements: false }],
      });
    } finally {
      await gateway.close();
    }
  });
});

describe('statements', () => {
  it('are shown to those whose grant says so, target by target', async () => {
    const gateway = await openGateway(
      withKeys(
        key('none', everywhere('admin')),
        key('ledger', [...everywhere('viewer'), { role: 'viewer', targets: ['led*'], statements: true }]),
        key('never', [{ role: 'viewer', targets: ['*'], statements: false }]),
      ),
    );
    try {
      const shown = async (who: string) => {
        const answer = await gateway.call('GET', '/processes?target=ledger&target=orders&limit=1000', { key: who });
        expect(answer.status).toBe(200);
        const told = lookOf(answer).items.filter(({ statement }) => statement !== null);
        return [...new Set(told.map(({ target }) => target))];
      };
      expect(await shown('none')).toEqual([]);
      expect(await shown('ledger')).toEqual(['ledger']);
      expect(await shown('never')).toEqual([]);
    } finally {
      await gateway.close();
    }
  });
});

describe('an operation', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    const on = (role: string, ...targets: string[]) => [{ role, targets }];
    gateway = await openGateway(
      withKeys(
        key('maker', on('operator', 'bi-pool', 'spare')),
        key('maker-too', on('viewer', 'bi-user'), { name: 'maker' }),
        key('neighbour', on('operator', 'spare')),
        key('elsewhere', on('operator', 'bi-user', 'ledger')),
        key('planner', on('operator', 'orders', 'carts')),
        key('half', on('operator', 'orders')),
        key('watcher', everywhere('viewer')),
        key('admin', everywhere('admin')),
      ),
    );
  });

  afterAll(() => gateway.close());

  const flush = async () => {
    const body = { targets: ['bi-pool', 'spare'], reason: 'why' };
    return operationOf(await gateway.call('POST', '/sessions/flush', { key: 'maker', body }));
  };
  const read = (who: string, id: string) => gateway.call('GET', `/operations/${id}`, { key: who });
  const listed = async (who: string, query = '') =>
    listOf(await gateway.call('GET', `/operations${query}`, { key: who })).items.map(({ id }) => id);

  it('is seen whole by who made it, whichever key of that name is used, and by admins', async () => {
    const made = await flush();
    for (const who of ['maker', 'maker-too', 'admin']) {
      expect((await read(who, made.id)).body).toEqual(made);
      expect(await listed(who)).toContain(made.id);
    }
  });

  it('is seen by operators of any of its targets, the others blanked', async () => {
    const made = await flush();
    const answer = await read('neighbour', made.id);
    expect(answer.status).toBe(200);
    expect(operationOf(answer).targets[1]).toEqual(made.targets[1]);
    expect(operationOf(answer).targets[0]).toMatchObject({ target: '', backend: '', calls: [], items: [], note: null });
    expect(answer.text).not.toContain('bi-pool');
    expect(await listed('neighbour')).toContain(made.id);
  });

  it('tells of a dry run no more to who operates some of its targets', async () => {
    const body = { targets: ['carts', 'orders'], mode: 'forced', dryRun: true };
    const planned = operationOf(await gateway.call('POST', '/sessions/flush', { key: 'planner', body }));
    const told = (key: 'victims' | 'calls' | 'protected') => planned[key]?.map(({ target }) => target);
    expect(new Set([...(told('victims') ?? []), ...(told('calls') ?? [])])).toEqual(new Set(['carts', 'orders']));
    const answer = await read('half', planned.id);
    expect(answer.text).not.toContain('carts');
    const { filterText, refusal, plan, planNote, ...record } = planned;
    const onOrders = <Told extends { target: string }>(all?: readonly Told[]) =>
      all?.filter(({ target }) => target === 'orders');
    expect(answer.body).toEqual({
      ...record,
      counts: planned.targets[1]?.counts,
      targets: [expect.objectContaining({ target: '', items: [] }), planned.targets[1]],
      victims: onOrders(planned.victims),
      calls: onOrders(planned.calls),
      protected: onOrders(planned.protected),
    });
    expect((await read('planner', planned.id)).body).toEqual(planned);
  });

  it('is not there for anybody else', async () => {
    const { id } = await flush();
    for (const who of ['elsewhere', 'watcher']) {
      const answer = await read(who, id);
      const missing = await read(who, 'op_nosuch');
      expect([answer.status, problemOf(answer).code]).toEqual([404, 'not-found']);
      expect(problemOf(answer).detail).toBe(problemOf(missing).detail.replace('op_nosuch', id));
      expect(await listed(who)).not.toContain(id);
    }
  });

  it('is not found by a target that the caller may not see', async () => {
    const { id } = await flush();
    expect(await listed('neighbour', '?target=spare')).toContain(id);
    expect(await listed('neighbour', '?target=bi-pool')).toEqual([]);
    expect(await listed('maker', '?target=bi-pool')).toContain(id);
  });

  it('is found by its processes while it runs, but by none of a target that the caller may not see', async () => {
    const body = { targets: ['carts', 'orders'], minIdleSeconds: 1 };
    vendors.faults.add({ kind: 'latency', milliseconds: 3000, call: 'delete-processes', times: 1 });
    const headers = { prefer: 'respond-async' };
    const { id } = operationOf(await gateway.call('POST', '/sessions/flush', { key: 'planner', body, headers }));
    const follow = async () =>
      operationOf(await gateway.call('GET', `/operations/${id}`, { key: 'planner', headers: { prefer: 'wait=0' } }));
    const { targets } = await until(follow, ({ targets: [carts] }) => carts?.state === 'succeeded');
    const [thread, client] = ['2075425', targets[0]?.items[0]?.id ?? ''];
    expect(targets[1]?.state).toBe('running');
    expect(targets[1]?.items.map((item) => item.id)).not.toContain(thread);
    for (const process of [thread, client]) {
      expect(await listed('planner', `?processId=${process}`)).toEqual([id]);
      expect(await listed('half', `?processId=${process}`)).toEqual([]);
    }
    expect(operationOf(await read('planner', id)).state).toBe('succeeded');
    expect(await listed('half', '?processId=2075425')).toEqual([id]);
    expect(await listed('half', `?processId=${client}`)).toEqual([]);
  });
});

describe('anonymous callers', () => {
  it('hold the role that the configuration names, unless they send a credential', async () => {
    const gateway = await openGateway({
      vendors,
      change: (config) => {
        Object.assign(config, { auth: { anonymous: 'viewer' } });
      },
    });
    try {
      expect((await gateway.call('GET', '/processes?target=bi-pool', { key: null })).status).toBe(200);
      const body = { targets: ['bi-pool'] };
      const flush = await gateway.call('POST', '/sessions/flush', { key: null, body });
      expect([flush.status, problemOf(flush).detail]).toEqual([403, expect.stringContaining('anonymous is viewer')]);
      expectUnauthenticated(await gateway.call('GET', '/targets', { key: 'wrong' }));
      expectUnauthenticated(
        await gateway.call('GET', '/targets', { key: null, headers: { authorization: 'Bearer x' } }),
      );
    } finally {
      await gateway.close();
    }
  });
});

describe('a token', () => {
  let gateway: Gateway;

  const bearer = (token: string): CallOptions => ({ key: null, headers: { authorization: `Bearer ${token}` } });
  const ask = (token: string) => gateway.call('GET', '/targets/bi-pool', bearer(token));
  const jwksCalls = () => vendors.journal.of('jwks').length;
  const part = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

  /** The claims of a good token, to be signed by somebody else. */
  const goodClaims = () => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: vendors.identity.issuer, aud: 'sluice', sub: 'sue', groups: ['dba'], iat: now, exp: now + 300 };
  };

  afterEach(() => {
    jest.useRealTimers();
  });

  describe('of a trusted issuer', () => {
    beforeAll(async () => {
      gateway = await openGateway({ vendors });
    });

    afterAll(() => gateway.close());

    it.each(['RS256', 'ES256'] as const)('lets in by %s, with the roles of its groups', async (algorithm) => {
      const token = await vendors.identity.token({ sub: 'sue', groups: ['staff', 'dba'], algorithm });
      const look = await gateway.call('GET', '/processes?target=ledger', bearer(token));
      expect(look.status).toBe(200);
      expect(lookOf(look).items.some(({ statement }) => statement !== null)).toBe(true);
      const flush = { ...bearer(token), body: { targets: ['bi-pool'] } };
      expect(operationOf(await gateway.call('POST', '/sessions/flush', flush)).requestedBy).toBe(
        `${vendors.identity.issuer}#sue`,
      );
    });

    it.each([
      ['one text', { groups: 'dba' }, 200],
      ['a list', { groups: ['a', 'dba', 'b'] }, 200],
      ['nothing', { groups: undefined }, 404],
      ['another', { groups: ['dbadmin'] }, 404],
      ['a text that holds it', { groups: 'a dba' }, 404],
      ['another case', { groups: ['DBA'] }, 404],
      ['a list in a list', { groups: [['dba']] }, 404],
      ['an object', { groups: { dba: true } }, 404],
      ['null', { groups: null }, 404],
    ] as const)('grants by a claim that is %s', async (_name, claims, status) => {
      expect((await ask(await vendors.identity.token({ sub: 'sue', ...(claims as object) }))).status).toBe(status);
    });

    it('is needed at most once to get the keys', async () => {
      for (let count = 0; count < 5; count += 1) await ask(await vendors.identity.token({ sub: 'sue' }));
      expect(jwksCalls()).toBe(0);
    });

    const now = () => Math.floor(Date.now() / 1000);

    it.each([
      ['is over', () => ({ expiresIn: -31 })],
      ['is over just now', () => ({ expiresIn: -30 })],
      ['never ends', () => ({ exp: undefined })],
      ['ends in words', () => ({ exp: String(now() + 300) })],
      ['ends at null', () => ({ exp: null })],
      ['is not valid yet', () => ({ nbf: now() + 60 })],
      ['begins in words', () => ({ nbf: 'now' })],
      ['is of another issuer', () => ({ iss: 'https://elsewhere.example/' })],
      ['is of nearly the same issuer', () => ({ iss: vendors.identity.issuer.replace(/\/$/, '') })],
      ['is of no issuer', () => ({ iss: undefined })],
      ['is of several issuers', () => ({ iss: [vendors.identity.issuer] })],
      ['is for somebody else', () => ({ audience: 'other' })],
      ['is for somebody of a longer name', () => ({ audience: 'sluice-admin' })],
      ['is for several others', () => ({ audience: ['a', 'b'] })],
      ['is for nobody', () => ({ aud: undefined })],
      ['is about nobody', () => ({ sub: undefined as unknown as string })],
      ['is about an empty name', () => ({ sub: '' })],
      ['is about a list', () => ({ sub: ['sue'] as unknown as string })],
    ])('does not when it %s', async (_name, request) => {
      const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'], ...request() });
      expectUnauthenticated(await ask(token));
    });

    it.each([
      ['is over for less than the leeway', () => ({ expiresIn: -20 })],
      ['begins within the leeway', () => ({ nbf: now() + 1 })],
    ])('does when it %s', async (_name, request) => {
      const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'], ...request() });
      expect((await ask(token)).status).toBe(200);
    });

    it('may stand after several spaces', async () => {
      const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'] });
      const headers = { authorization: `Bearer  ${token}` };
      expect((await gateway.call('GET', '/targets', { key: null, headers })).status).toBe(200);
    });

    it('may be for several, us among them', async () => {
      expect(
        (await ask(await vendors.identity.token({ sub: 's', groups: ['dba'], audience: ['a', 'sluice'] }))).status,
      ).toBe(200);
    });

    async function published(): Promise<{ kid: string; alg: string }[]> {
      const { keys } = (await (await fetch(vendors.identity.jwks)).json()) as { keys: { kid: string; alg: string }[] };
      return keys;
    }

    it('is not signed by nobody, nor by whoever knows the public key', async () => {
      const [rsa] = await published();
      const pem = createPublicKey({ key: rsa as object, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      const kid = rsa?.kid;
      const unsigned = ['none', 'None', 'NONE', 'nOnE', '', null, 7, ['RS256'], undefined].map(
        (alg) => `${part({ alg, kid, typ: 'JWT' })}.${part(goodClaims())}.`,
      );
      const keyed = (['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
        [pem, JSON.stringify(rsa), 'secret', ''].map((secret) => {
          const input = `${part({ alg, kid })}.${part(goodClaims())}`;
          return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
            .update(input)
            .digest('base64url')}`;
        }),
      );
      for (const token of [...unsigned, ...keyed]) expectUnauthenticated(await ask(token));
    });

    it('is not signed by keys of its own, wherever it points', async () => {
      const good = await vendors.identity.token({ sub: 'sue', groups: ['dba'] });
      const signature = good.split('.')[2] ?? '';
      const [rsa] = await published();
      for (const header of [
        { jku: 'http://127.0.0.1:9/jwks.json' },
        { x5u: 'http://127.0.0.1:9/x.pem' },
        { jwk: rsa },
        { kid: '../../../dev/null' },
        { kid: "' OR 1=1" },
        { kid: '__proto__' },
        { kid: ['rs256-1'] },
        { kid: 'x'.repeat(10_000) },
        { crit: ['exp-at'], 'exp-at': 1 },
        { crit: [] },
        { crit: ['b64'], b64: false },
        { zip: 'DEF' },
        { alg: 'ES256' },
        { alg: 'PS256' },
        { alg: 'RS512' },
        { alg: 'EdDSA' },
      ]) {
        const token = `${part({ alg: 'RS256', kid: rsa?.kid, ...header })}.${part(goodClaims())}.${signature}`;
        expectUnauthenticated(await ask(token));
      }
    });

    it('is whole, and nothing but a token', async () => {
      const good = await vendors.identity.token({ sub: 'sue', groups: ['dba'] });
      const [header = '', payload = '', signature = ''] = good.split('.');
      for (const token of [
        `${header}.${payload}`,
        `${header}.${payload}.`,
        `${header}.${payload}.${signature}.x`,
        `${header}.${payload}.${signature}==`,
        `${header}=.${payload}.${signature}`,
        `${header}.${payload}.${signature}.x.y`,
        `${header}.${part({ ...goodClaims(), groups: ['dba', 'admin'] })}.${signature}`,
        `${header}.${payload}.${signature.slice(0, -4)}`,
        `${header}.${payload}.${'A'.repeat(signature.length)}`,
        `${part('[]')}.${payload}.${signature}`,
        `${header}.${part('"text"')}.${signature}`,
        `${header}.${part('{')}.${signature}`,
        `x.${payload}.${signature}`,
        '..',
        'x',
        randomBytes(6000).toString('base64url'),
      ]) {
        expectUnauthenticated(await ask(token));
      }
      expectUnauthenticated(
        await gateway.call('GET', '/targets', { key: null, headers: { authorization: `Bearer ${good} x` } }),
      );
      expect(
        (await gateway.call('GET', '/targets', { key: null, headers: { authorization: `bearer ${good}` } })).status,
      ).toBe(200);
    });

    it.each(['authorization', 'AUTHORIZATION'])(
      'comes once, however good the first of several is (%s)',
      async (name) => {
        const good = `Bearer ${await vendors.identity.token({ sub: 'sue', groups: ['dba'] })}`;
        for (const several of [
          [good, 'Bearer x'],
          ['Bearer x', good],
          [good, good],
          [good, ''],
        ]) {
          expectUnauthenticated(await gateway.call('GET', '/targets', { key: null, headers: { [name]: several } }));
        }
      },
    );

    it('is in no answer and no log line', async () => {
      const token = await vendors.identity.token({ sub: 'sue', expiresIn: -60 });
      const answer = await ask(token);
      const text = `${answer.text}${JSON.stringify(gateway.log)}`;
      for (const piece of token.split('.')) expect(text).not.toContain(piece);
    });
  });

  it('is signed by the algorithms that the configuration names, and no other', async () => {
    gateway = await openGateway({
      vendors,
      change: ({ auth }) => {
        Object.assign(auth.jwt[0]!, { algorithms: ['ES256'] });
      },
    });
    try {
      const signed = (algorithm: 'RS256' | 'ES256') =>
        vendors.identity.token({ sub: 'sue', groups: ['dba'], algorithm });
      expect((await ask(await signed('ES256'))).status).toBe(200);
      expectUnauthenticated(await ask(await signed('RS256')));
    } finally {
      await gateway.close();
    }
  });

  describe('and the keys of its issuer', () => {
    beforeEach(async () => {
      gateway = await openGateway({ vendors });
    });

    afterEach(() => gateway.close());

    /** Stops the clock that dates are read from, and nothing else; returns how it is put forward. */
    function stopClock(): (seconds: number) => void {
      jest.useFakeTimers({
        doNotFake: [
          'hrtime',
          'nextTick',
          'performance',
          'queueMicrotask',
          'setImmediate',
          'clearImmediate',
          'setInterval',
          'clearInterval',
          'setTimeout',
          'clearTimeout',
        ],
        now: Date.now(),
      });
      return (seconds) => {
        jest.setSystemTime(Date.now() + seconds * 1000);
      };
    }

    const good = (request: object = {}) => vendors.identity.token({ sub: 'sue', groups: ['dba'], ...request });

    it('asks for them once, however many come at once', async () => {
      const token = await good();
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(jwksCalls()).toBe(1);
    });

    it('asks again for a key that is not known, but not for every token', async () => {
      const forward = stopClock();
      expect((await ask(await good())).status).toBe(200);
      for (let count = 0; count < 20; count += 1) {
        expectUnauthenticated(await ask(await good({ header: { kid: `unknown-${count}` } })));
      }
      expect(jwksCalls()).toBe(3);
      for (let second = 0; second < 60; second += 1) {
        forward(1);
        expectUnauthenticated(await ask(await good({ header: { kid: `unknown-${second}` } })));
      }
      expect(jwksCalls()).toBe(5);
      expect((await ask(await good())).status).toBe(200);
    });

    it('asks once where the first key of all is not known', async () => {
      expectUnauthenticated(await ask(await good({ header: { kid: 'unknown' } })));
      expect(jwksCalls()).toBe(1);
    });

    it('follows their rotation at once, however many new tokens come with it', async () => {
      stopClock();
      const before = await good({ expiresIn: 3600 });
      expect((await ask(before)).status).toBe(200);
      await vendors.identity.rotate();
      expect((await ask(before)).status).toBe(200);
      const after = await good();
      vendors.faults.add({ kind: 'latency', milliseconds: 100, vendor: 'identity' });
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(after)));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(jwksCalls()).toBe(2);
      expectUnauthenticated(await ask(before));
    });

    it('reads them again when they are old, and follows a rotation right after that', async () => {
      const forward = stopClock();
      expect((await ask(await good())).status).toBe(200);
      forward(601);
      expect((await ask(await good({ expiresIn: 7200 }))).status).toBe(200);
      expect(jwksCalls()).toBe(2);
      await vendors.identity.rotate();
      expect((await ask(await good({ expiresIn: 7200 }))).status).toBe(200);
      expect(jwksCalls()).toBe(3);
    });

    it('goes on with old ones for an hour in all while they cannot be had', async () => {
      const forward = stopClock();
      const token = await good({ expiresIn: 7200 });
      expect((await ask(token)).status).toBe(200);
      vendors.faults.add({ kind: 'status', status: 503, vendor: 'identity' });
      forward(601);
      for (let count = 0; count < 20; count += 1) expect((await ask(token)).status).toBe(200);
      expect(jwksCalls()).toBe(3);
      forward(2990);
      expect((await ask(token)).status).toBe(200);
      forward(10);
      expect((await ask(token)).status).toBe(503);
      vendors.faults.clear();
      forward(1);
      expect((await ask(token)).status).toBe(200);
    });

    it.each([
      ['fails', { kind: 'status', status: 503 }],
      ['resets', { kind: 'reset-before' }],
      ['says something else', { kind: 'wrong-content', content: 'json' }],
      ['shows a page', { kind: 'html' }],
      ['points elsewhere', { kind: 'redirect', location: 'http://127.0.0.1:9/' }],
    ] as const)('says that they cannot be had, when the issuer %s', async (_name, mishap) => {
      vendors.faults.add({ ...mishap, vendor: 'identity' });
      const answer = await ask(await good());
      expect([answer.status, problemOf(answer).code, problemOf(answer).retryable]).toEqual([
        503,
        'upstream-unavailable',
        true,
      ]);
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      expect((await gateway.call('GET', '/targets', { key: demoKeys.viewer })).status).toBe(200);
      const metrics = (await gateway.call('GET', '/metrics')).text;
      expect(metrics).toContain('sluice_auth_failures_total{reason="keys-unavailable"} 1');
    });

    it('asks again once they can be had, and not more often than each second until then', async () => {
      const forward = stopClock();
      vendors.faults.add({ kind: 'status', status: 503, vendor: 'identity' });
      for (let count = 0; count < 20; count += 1) expect((await ask(await good())).status).toBe(503);
      expect(jwksCalls()).toBe(1);
      vendors.faults.clear();
      forward(2);
      expect((await ask(await good())).status).toBe(200);
      expect(jwksCalls()).toBe(2);
    });

    it('goes on with those it has while they cannot be had', async () => {
      const token = await good();
      expect((await ask(token)).status).toBe(200);
      vendors.faults.add({ kind: 'status', status: 503, vendor: 'identity' });
      expect((await ask(token)).status).toBe(200);
    });
  });
});
