import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault, Mishap } from '../sandbox/frame/fault.ts';
import { huaweiServiceNames } from '../sandbox/huawei/services.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { callsOfBackends, type BackendCall } from './backend-calls.js';
import { openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.js';
import { until } from './until.ts';

const calls = await callsOfBackends();

/** Every call that ends or changes something. */
const mutations = calls.filter(({ does }) => does === 'end');

/** Every call that lists. */
const looks = calls.filter(({ does }) => does === 'list');

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
  { kind: 'truncate', atByte: 1 },
];

const title = (mishap: Mishap): string => JSON.stringify(mishap);

let gateway: Gateway;

beforeAll(async () => {
  // Signed, because the emulators forget every token when they are reset. Jobs are short: a kill meets none that a call
  // of the test before began.
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

function ask({ by: [method, path, body] }: BackendCall, of: Gateway = gateway): Promise<Answer> {
  return of.call(method, path, body === undefined ? {} : { body });
}

/** What the vendor received of a call. */
function received({ backend, call, emulated = call }: BackendCall, by: Vendors = gateway.vendors) {
  return by.journal.of(emulated, backend);
}

function sent(call: BackendCall, by?: Vendors): number {
  return received(call, by).length;
}

function inject(vendors: Vendors, { backend, call, emulated = call }: BackendCall, mishap: Mishap, times?: number) {
  const fault: Fault = { vendor: backend, call: emulated, ...mishap, ...(times !== undefined && { times }) };
  vendors.faults.add(fault);
}

describe.each(mutations)('$backend, $call', (mutation) => {
  it('succeeds, sent once', async () => {
    const answer = await ask(mutation);
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-state': 'succeeded' } });
    expect(sent(mutation)).toBe(1);
  });

  it.each([...unclear, ...(mutation.hasNoBody ? [] : cut)].map((mishap) => [title(mishap), mishap] as const))(
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
      // On a busy machine the vendor reads the request after the gateway has given up waiting.
      await until(
        () => sent(mutation),
        (count) => count > 0,
      );
      expect(sent(mutation)).toBe(1);
    },
  );

  it('closes the socket of a vendor that falls silent', async () => {
    inject(gateway.vendors, mutation, { kind: 'silence-before' });
    await ask(mutation);
    const [entry] = received(mutation);
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
    const body = mutation.backend === '1010data' ? 'no' : '{"error_code":"DBS.200001","error_msg":"Parameter error."}';
    inject(gateway.vendors, mutation, { kind: 'reply', status: 400, body, contentType: 'application/json' });
    const answer = await ask(mutation);
    expect(answer).toMatchObject({ status: 502, headers: { 'sluice-state': 'failed' } });
    expect(problemOf(answer)).toMatchObject({
      code: 'upstream-rejected',
      retryable: false,
      upstream: { backend: mutation.backend, httpStatus: 400 },
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

describe.each(mutations.filter(({ backend }) => backend !== '1010data'))('$backend, $call, by a token', (mutation) => {
  const body = '{"error_code":"APIGW.0307","error_msg":"The token must be updated."}';

  it.each([
    [1, 200],
    [undefined, 502],
  ])('is sent once more after %p answered 401, with a new token', async (times, status) => {
    const vendors = gateway.vendors;
    const other = await openGateway({ vendors });
    try {
      inject(gateway.vendors, mutation, { kind: 'reply', status: 401, body, contentType: 'application/json' }, times);
      expect((await ask(mutation, other)).status).toBe(status);
      const tokens = received(mutation, vendors).map(({ raw }) => raw.headers['x-auth-token']);
      expect(new Set(tokens).size).toBe(2);
      expect(tokens).toHaveLength(2);
      expect(vendors.journal.of('tokens')).toHaveLength(2);
    } finally {
      await other.close();
    }
  });
});

describe.each(looks)('$backend, $call', (look) => {
  // Of their own, since what other tests left unknown is looked at again.
  let vendors: Vendors;

  beforeAll(async () => {
    vendors = await startVendors({ huawei: { jobMs: 20 } });
  });

  beforeEach(() => {
    vendors.reset();
  });

  afterAll(() => vendors.close());

  // Looks that come close together share a listing, so each case has a gateway of its own.
  const fresh = async (): Promise<Answer> => {
    const other = await openGateway({
      signed: true,
      vendors,
      traffic: { timeouts: { answerMs: 250, lookMs: 3000 }, breaker: { failures: 1000 } },
    });
    try {
      return await ask(look, other);
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
    // At most three attempts at each node, of which a target of the sandbox has three at most.
    expect(sent(look, vendors)).toBeLessThanOrEqual(look.target === 'bi-pool' ? 3 : 9);
  });
});

it('never sends what could not be sent: a vendor that refuses connections', async () => {
  const alone = await openGateway({ traffic: { timeouts: { connectMs: 300 } } });
  try {
    for (const service of ['tentendata', ...huaweiServiceNames] as const) await alone.vendors.stop(service);
    const targets = [...new Set(looks.map(({ target }) => target))];
    const answer = await alone.call('POST', '/sessions/flush', { body: { targets } });
    expect(answer.status).toBe(503);
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-unavailable', retryable: true });
    expect(operationOf({ ...answer, body: problemOf(answer).operation }).targets.map(({ state }) => state)).toEqual(
      targets.map(() => 'failed'),
    );
    expect(alone.vendors.journal.all().filter(({ vendor }) => vendor !== 'iam')).toEqual([]);
  } finally {
    await alone.close();
  }
});
