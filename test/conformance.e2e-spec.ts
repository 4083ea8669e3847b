import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault, Mishap } from '../sandbox/frame/fault.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.js';

const node = '52c25e148a4a48c293b66ca95565719cno14/cn_5001';
const dcsNode = '8f7ee181-88e2-49b7-a4bf-81f18f93a135';

/** A call to a vendor, as the journal names it. */
interface VendorCall {
  readonly vendor: string;
  readonly call: string;
}

interface Mutation extends VendorCall {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

const flush = (body: object): Pick<Mutation, 'method' | 'path' | 'body'> => ({
  method: 'POST',
  path: '/sessions/flush',
  body,
});
const kill = (query: string): Pick<Mutation, 'method' | 'path'> => ({ method: 'DELETE', path: `/processes?${query}` });
const settings = { infinityToNa: true };

/** Every vendor call that ends or changes something, and how a caller reaches it. */
const mutations: readonly Mutation[] = [
  { name: 'flushpool', vendor: '1010data', call: 'flushpool', ...flush({ targets: ['bi-pool'] }) },
  { name: 'resetpool', vendor: '1010data', call: 'resetpool', ...flush({ targets: ['bi-pool'], mode: 'forced' }) },
  {
    name: 'session',
    vendor: '1010data',
    call: 'session',
    method: 'POST',
    path: '/sessions/tune',
    body: { target: 'bi-user', settings },
  },
  { name: 'kill-free-session', vendor: 'gaussdb', call: 'kill-free-session', ...flush({ targets: ['ledger'], node }) },
  { name: 'kill-session', vendor: 'gaussdb', call: 'kill-session', ...kill(`target=ledger&node=${node}&state=idle`) },
  {
    name: 'delete-processes',
    vendor: 'taurusdb',
    call: 'delete-processes',
    ...kill('target=orders&node=primary&id=2075425'),
  },
  {
    name: 'clients/kill',
    vendor: 'dcs',
    call: 'kill-clients',
    ...kill(`target=carts&node=${dcsNode}&minIdleSeconds=300&state=idle`),
  },
  {
    name: 'clients/kill-all',
    vendor: 'dcs',
    call: 'kill-all-clients',
    ...flush({ targets: ['carts'], mode: 'forced' }),
  },
];

/** Every vendor call that only shows something. */
const looks = [
  { vendor: '1010data', call: 'samstatus', target: 'bi-pool' },
  { vendor: 'gaussdb', call: 'real-time-session', target: 'ledger' },
  { vendor: 'taurusdb', call: 'list-processes', target: 'orders' },
  { vendor: 'dcs', call: 'list-clients', target: 'carts' },
] as const;

/** After these nobody can say whether the vendor did it. */
const unclear: readonly Mishap[] = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'fin-after' },
  { kind: 'silence-before' },
  { kind: 'silence-after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502, executed: true },
  { kind: 'status', status: 504, executed: true },
  { kind: 'html' },
  { kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' },
  { kind: 'redirect', location: '/elsewhere', status: 307 },
  { kind: 'wrong-content', content: 'garbage' },
];

/** These make sense only of an answer that has a body. */
const cut: readonly Mishap[] = [
  { kind: 'slow-body', millisecondsPerByte: 1000 },
  { kind: 'too-big', bytes: 300_000 },
  { kind: 'cut-body', framing: 'length' },
  { kind: 'cut-body', framing: 'chunked' },
  { kind: 'cut-body', framing: 'close' },
  { kind: 'truncate', atByte: 9 },
];

const title = (mishap: Mishap): string => JSON.stringify(mishap);

let gateway: Gateway;

beforeAll(async () => {
  // Signed, because the emulators forget every token when they are reset. Jobs are short: a kill meets none that a call of the
  // test before began.
  gateway = await openGateway({
    signed: true,
    vendorOptions: { huawei: { jobMs: 1 } },
    traffic: { timeouts: { answerMs: 250, lookMs: 3000 }, breaker: { failures: 1000 } },
  });
});

afterAll(() => gateway.close());

beforeEach(() => {
  gateway.vendors.reset();
});

function ask({ method, path, body }: Mutation): Promise<Answer> {
  return gateway.call(method, path, body === undefined ? {} : { body });
}

function sent({ vendor, call }: VendorCall, by: Vendors = gateway.vendors): number {
  return by.journal.of(call, vendor).length;
}

function inject(vendors: Vendors, where: VendorCall, mishap: Mishap, times?: number): void {
  const fault: Fault = { vendor: where.vendor, call: where.call, ...mishap, ...(times !== undefined && { times }) };
  vendors.faults.add(fault);
}

describe.each(mutations)('$name', (mutation) => {
  it('succeeds, sent once', async () => {
    const answer = await ask(mutation);
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-state': 'succeeded' } });
    expect(sent(mutation)).toBe(1);
  });

  const hasBody = mutation.call !== 'kill-clients';
  it.each([...unclear, ...(hasBody ? cut : [])].map((mishap) => [title(mishap), mishap] as const))(
    'is unknown after %s, and not sent again',
    async (_title, mishap) => {
      inject(gateway.vendors, mutation, mishap);
      const answer = await ask(mutation);
      expect(answer.status).toBe(424);
      expect(problemOf(answer)).toMatchObject({ code: 'outcome-unknown', retryable: false });
      expect(answer.headers).toMatchObject({ 'sluice-state': 'unknown', 'sluice-completed': 'false' });
      expect(answer.headers['retry-after']).toBeUndefined();
      expect(problemOf(answer).operation).toMatchObject({
        state: 'unknown',
        targets: [{ state: 'unknown', effect: 'none' }],
      });
      expect(sent(mutation)).toBe(1);
    },
  );

  it('closes the socket of a vendor that falls silent', async () => {
    inject(gateway.vendors, mutation, { kind: 'silence-before' });
    await ask(mutation);
    const [entry] = gateway.vendors.journal.of(mutation.call, mutation.vendor);
    await gateway.vendors.journal.ended(entry!);
    expect(entry).toMatchObject({ ending: 'abandoned' });
  });

  it('is sent again after an answered 429, and only so often', async () => {
    inject(gateway.vendors, mutation, { kind: 'throttle', retryAfter: 0 }, 1);
    expect((await ask(mutation)).status).toBe(200);
    expect(sent(mutation)).toBe(2);
    gateway.vendors.reset();
    inject(gateway.vendors, mutation, { kind: 'throttle', retryAfter: 0 });
    const answer = await ask(mutation);
    expect(answer.status).toBe(503);
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-throttled', retryable: true });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(sent(mutation)).toBe(3);
  });

  it('has failed after an intelligible refusal', async () => {
    const body = mutation.vendor === '1010data' ? 'no' : '{"error_code":"DBS.200001","error_msg":"Parameter error."}';
    inject(gateway.vendors, mutation, { kind: 'reply', status: 400, body, contentType: 'application/json' });
    const answer = await ask(mutation);
    expect(answer).toMatchObject({ status: 502, headers: { 'sluice-state': 'failed' } });
    expect(problemOf(answer)).toMatchObject({
      code: 'upstream-rejected',
      retryable: false,
      upstream: { backend: mutation.vendor, httpStatus: 400 },
    });
    expect(sent(mutation)).toBe(1);
  });

  it('is never sent again after a signature that was refused', async () => {
    const body = '{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}';
    inject(gateway.vendors, mutation, { kind: 'reply', status: 401, body, contentType: 'application/json' });
    expect(problemOf(await ask(mutation))).toMatchObject({ status: 502, code: 'upstream-rejected' });
    expect(sent(mutation)).toBe(1);
  });
});

describe.each(mutations.filter(({ vendor }) => vendor !== '1010data'))('$name, by a token', (mutation) => {
  const body = '{"error_code":"APIGW.0307","error_msg":"The token must be updated."}';

  it.each([
    [1, 200],
    [undefined, 502],
  ])('is sent once more after %p answered 401, with a new token', async (times, status) => {
    const vendors = gateway.vendors;
    const other = await openGateway({ vendors });
    try {
      inject(gateway.vendors, mutation, { kind: 'reply', status: 401, body, contentType: 'application/json' }, times);
      const { method, path, body: sentBody } = mutation;
      expect((await other.call(method, path, sentBody === undefined ? {} : { body: sentBody })).status).toBe(status);
      const tokens = vendors.journal.of(mutation.call, mutation.vendor).map(({ raw }) => raw.headers['x-auth-token']);
      expect(new Set(tokens).size).toBe(2);
      expect(tokens).toHaveLength(2);
      expect(vendors.journal.of('tokens')).toHaveLength(2);
    } finally {
      await other.close();
    }
  });
});

describe.each(looks)('$call', (look) => {
  // Of their own, since what other tests left unknown is looked at again.
  let vendors: Vendors;

  beforeAll(async () => {
    vendors = await startVendors({ huawei: { jobMs: 20 } });
  });

  beforeEach(() => {
    vendors.reset();
  });

  afterAll(() => vendors.close());

  const path = `/processes?target=${look.target}&limit=0`;

  // Looks that come close together share a listing, so each case has a gateway of its own.
  const fresh = async (): Promise<Answer> => {
    const other = await openGateway({
      signed: true,
      vendors,
      traffic: { timeouts: { answerMs: 250, lookMs: 3000 }, breaker: { failures: 1000 } },
    });
    try {
      return await other.call('GET', path);
    } finally {
      await other.close();
    }
  };

  it.each([
    { kind: 'reset-after' },
    { kind: 'status', status: 503 },
    { kind: 'silence-before' },
    { kind: 'throttle', retryAfter: 0 },
  ] as const)('is repeated after $kind', async (mishap) => {
    inject(vendors, look, mishap, 1);
    expect((await fresh()).status).toBe(200);
    expect(sent(look, vendors)).toBeGreaterThan(1);
  });

  it.each([
    [{ kind: 'html' }, 502, 'upstream-malformed'],
    [{ kind: 'wrong-content', content: 'garbage' }, 502, 'upstream-malformed'],
    [{ kind: 'cut-body', framing: 'close' }, 502, 'upstream-malformed'],
    [{ kind: 'status', status: 503 }, 503, 'upstream-unavailable'],
    [{ kind: 'silence-before' }, 504, 'upstream-timeout'],
    [{ kind: 'throttle', retryAfter: 0 }, 503, 'upstream-throttled'],
  ] as const)('is the problem itself after %j', async (mishap, status, code) => {
    inject(vendors, look, mishap);
    const answer = await fresh();
    expect(answer.status).toBe(status);
    expect(problemOf(answer).code).toBe(code);
    expect(sent(look, vendors)).toBeLessThanOrEqual(look.target === 'bi-pool' ? 3 : 6);
  });
});

it('never sends what could not be sent: a vendor that refuses connections', async () => {
  const alone = await openGateway({ traffic: { timeouts: { connectMs: 300 } } });
  try {
    for (const service of ['tentendata', 'gaussdb', 'taurusdb', 'dcs'] as const) await alone.vendors.stop(service);
    const answer = await alone.call('POST', '/sessions/flush', {
      body: { targets: ['bi-pool', 'ledger', 'orders', 'carts'] },
    });
    expect(answer.status).toBe(503);
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-unavailable', retryable: true });
    expect(operationOf({ ...answer, body: problemOf(answer).operation }).targets.map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => 'failed'),
    );
    expect(alone.vendors.journal.all().filter(({ vendor }) => vendor !== 'iam')).toEqual([]);
  } finally {
    await alone.close();
  }
});
