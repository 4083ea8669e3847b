import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, lookOf, operationOf, problemOf, type Answer, type Gateway } from './gateway.js';

const everyTarget = ['bi-pool', 'ledger', 'orders', 'carts'];
const primary = '18663926eacb443d98dc20f8620f28f2no07';
const replica = '28663926eacb443d98dc20f8620f28f2no07';
const taurus = 'a23fb62bd61e4e9e9636fd2225f395bein07';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
  gateway = await openGateway({
    vendors,
    signed: true,
    traffic: { timeouts: { answerMs: 400, lookMs: 900 }, breaker: { failures: 1000 } },
  });
});

afterAll(async () => {
  await gateway.close();
  await vendors.close();
});

beforeEach(() => {
  vendors.reset();
});

const flush = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  gateway.call('POST', '/sessions/flush', { body, headers });
const states = (answer: Answer): string[] => operationOf(answer).targets.map(({ state }) => state);

describe('one flush over all four backends', () => {
  it('does each in its own way, and says so', async () => {
    const answer = await flush({ targets: everyTarget });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'sluice-state': 'succeeded', 'sluice-completed': 'false' },
    });
    const { targets, counts } = operationOf(answer);
    expect(targets.map(({ target, effect, counts: { ended, deferred } }) => [target, effect, ended, deferred])).toEqual(
      [
        ['bi-pool', 'deferred', null, 3],
        ['ledger', 'ended', null, 0],
        ['orders', 'ended', expect.any(Number), 0],
        ['carts', 'ended', expect.any(Number), 0],
      ],
    );
    expect(counts.ended).toBe((targets[2]?.counts.ended ?? 0) + (targets[3]?.counts.ended ?? 0));
    expect(vendors.huawei.taurusdb.threads({ instanceId: taurus, nodeId: primary }).length).toBeLessThan(46);
  });

  it('never ends what is executing something', async () => {
    await flush({ targets: ['orders'], minIdleSeconds: 0 });
    const left = vendors.huawei.taurusdb.threads({ instanceId: taurus, nodeId: primary });
    // The vendor's own is left alone.
    expect(left.filter(({ command }) => command === 'Sleep').map(({ user }) => user)).toEqual(['rdsAdmin']);
    expect(left.filter(({ command }) => command === 'Query').length).toBeGreaterThan(0);
  });

  it('ends everything when forced, and kills TaurusDB by twenty ids a call', async () => {
    const answer = await flush({ targets: everyTarget, mode: 'forced' });
    expect(answer.status).toBe(200);
    const bodies = vendors.journal
      .of('delete-processes')
      .filter(({ raw }) => raw.path.includes(primary))
      .map(({ raw }) => (JSON.parse(raw.body.toString()) as { processes: number[] }).processes.length);
    expect(bodies).toEqual([20, 20, 6]);
    expect(vendors.journal.of('delete-processes').some(({ raw }) => raw.body.includes('9007199254740993'))).toBe(true);
    const [killAll] = vendors.journal.of('kill-all-clients');
    expect(killAll?.raw.body.toString()).toBe('{"kill_all_nodes":true}');
    expect(vendors.journal.of('resetpool')).toHaveLength(1);
  });

  it('plans without a mutating call', async () => {
    // Of its own, since what other tests left unknown is looked at again.
    const alone = await openGateway({ vendorOptions: { huawei: { jobMs: 20 } }, signed: true });
    const body = { targets: everyTarget, dryRun: true };
    const answer = await alone.call('POST', '/sessions/flush', { body });
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-state': 'planned' } });
    expect(states(answer)).toEqual(['planned', 'planned', 'planned', 'planned']);
    expect(operationOf(answer).targets.map(({ effect }) => effect)).toEqual(['none', 'none', 'none', 'none']);
    expect(new Set(alone.vendors.journal.all().map(({ call }) => call))).toEqual(
      new Set(
        [
          ...['list-processes', 'logical-nodes', 'scan-clients', 'show-job', 'list-clients'],
          // Who is busy now, where the vendor chooses whom it ends.
          ...['real-time-session', 'samstatus'],
          ...['key-view-execute-node', 'show-instance'],
        ].filter((call) => alone.vendors.journal.of(call).length > 0),
      ),
    );
    await alone.close();
  });

  it('is not held up, and not hidden, by one that is silent', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: '*', kind: 'silence-before' });
    const answer = await flush({ targets: everyTarget });
    expect(answer).toMatchObject({ status: 207, headers: { 'sluice-state': 'partial', 'sluice-completed': 'false' } });
    expect(states(answer)).toEqual(['succeeded', 'succeeded', 'failed', 'succeeded']);
    const [, , orders] = operationOf(answer).targets;
    expect(orders?.problem).toMatchObject({
      code: 'upstream-timeout',
      upstream: { target: 'orders', backend: 'taurusdb' },
    });
  });

  it('is partial when one is unknown', async () => {
    vendors.faults.add({ vendor: '1010data', call: 'flushpool', kind: 'reset-after' });
    const answer = await flush({ targets: ['bi-pool', 'carts'] });
    expect(answer).toMatchObject({ status: 207, headers: { 'sluice-state': 'partial' } });
    expect(states(answer)).toEqual(['unknown', 'succeeded']);
    expect(operationOf(answer).targets[0]).toMatchObject({ problem: { code: 'outcome-unknown', retryable: false } });
  });

  it('is unknown when all that did not fail is unknown', async () => {
    vendors.faults.add({ vendor: '1010data', call: 'flushpool', kind: 'reset-after' });
    vendors.faults.add({ vendor: 'dcs', call: 'list-clients', kind: 'html' });
    const answer = await flush({ targets: ['bi-pool', 'carts'] });
    expect(answer.status).toBe(424);
    expect(problemOf(answer)).toMatchObject({ code: 'outcome-unknown', operation: { state: 'unknown' } });
  });

  it('says that it was sent when the vendor leaves all that it was asked out of its answer', async () => {
    const body = '{"success":true,"session_ids":[]}';
    vendors.faults.add({ vendor: 'gaussdb', call: 'kill-session', kind: 'reply', status: 200, body });
    const answer = await flush({ targets: ['ledger'], mode: 'forced' });
    expect(answer.status).toBe(424);
    expect(problemOf(answer)).toMatchObject({ code: 'outcome-unknown', retryable: false });
    expect(problemOf(answer).detail).toMatch(/^It was sent/);
  });

  it('is the cause that most targets share when nothing was done', async () => {
    vendors.faults.add({
      vendor: '1010data',
      call: 'flushpool',
      kind: 'reply',
      status: 200,
      body: '<out><rc>5</rc><msg>no</msg></out>',
    });
    vendors.faults.add({ vendor: 'taurusdb', kind: 'status', status: 503 });
    vendors.faults.add({ vendor: 'dcs', kind: 'status', status: 503 });
    const answer = await flush({ targets: ['bi-pool', 'orders', 'carts'] });
    expect(answer.status).toBe(503);
    expect(problemOf(answer)).toMatchObject({
      code: 'upstream-unavailable',
      retryable: true,
      operation: { state: 'failed' },
    });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  });

  it('tells one dead node of two', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'list-processes', contains: primary, kind: 'status', status: 503 });
    const answer = await flush({ targets: ['orders'], minIdleSeconds: 0 });
    expect(answer.status).toBe(207);
    expect(operationOf(answer).targets[0]).toMatchObject({
      state: 'partial',
      problem: { code: 'upstream-unavailable' },
    });
    expect(vendors.journal.of('delete-processes').every(({ raw }) => !raw.path.includes(primary))).toBe(true);
  });
});

describe('a job', () => {
  const forced = { targets: ['carts'], mode: 'forced' };

  it('is answered 202 at once, and followed to its end', async () => {
    vendors.huawei.knobs.jobMs = 300;
    const answer = await flush(forced, { prefer: 'respond-async' });
    expect(answer).toMatchObject({ status: 202, headers: { 'sluice-state': 'running', 'sluice-completed': 'false' } });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    const { location } = answer.headers;
    const now = await gateway.call('GET', location!, { headers: { prefer: 'wait=0' } });
    expect(now).toMatchObject({ status: 200, body: { state: 'running', endedAt: null } });
    const later = await gateway.call('GET', location!, { headers: { prefer: 'wait=10' } });
    expect(operationOf(later)).toMatchObject({
      state: 'succeeded',
      targets: [{ effect: 'ended', counts: { ended: null } }],
    });
    expect(operationOf(later).targets[0]?.calls[0]?.jobId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('that fails is a refusal, in the vendor’s words', async () => {
    vendors.huawei.dcs.failNextJob('killAllClients', 'node busy');
    const answer = await flush(forced);
    expect(answer.status).toBe(502);
    expect(problemOf(answer)).toMatchObject({
      code: 'upstream-rejected',
      upstream: { message: expect.stringContaining('node busy') },
    });
  });

  it('that excludes another is a conflict', async () => {
    vendors.huawei.knobs.jobMs = 2000;
    // A gateway that keeps its operations elsewhere knows nothing of this one's.
    const elsewhere = await openGateway({ vendors, signed: true });
    const options = { body: forced, headers: { prefer: 'respond-async' } };
    const first = await elsewhere.call('POST', '/sessions/flush', options);
    await vendors.journal.arrival('kill-all-clients');
    const second = await flush(forced);
    expect(second.status).toBe(409);
    expect(problemOf(second)).toMatchObject({ code: 'upstream-conflict', upstream: { code: 'DCS.4957' } });
    expect(operationOf(await elsewhere.call('GET', first.headers['location']!)).state).toBe('succeeded');
    await elsewhere.close();
  });

  it('goes per node where the caller named one', async () => {
    const node = '8f7ee181-88e2-49b7-a4bf-81f18f93a135';
    expect((await flush({ ...forced, node })).status).toBe(200);
    expect(JSON.parse(vendors.journal.of('kill-all-clients')[0]!.raw.body.toString())).toEqual({ node_id: node });
  });
});

describe('a look over several targets', () => {
  it('hides none for one that is dead, and says so', async () => {
    vendors.faults.add({ vendor: 'dcs', kind: 'status', status: 503 });
    const answer = await gateway.call('GET', '/processes?target=orders&target=carts&target=ledger&limit=0');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'sluice-completed': 'false', 'cache-control': 'no-store' },
    });
    expect(answer.body).toMatchObject({
      targets: [
        { target: 'orders', status: 'ok', connected: 51 },
        { target: 'carts', status: 'failed', matched: null, problem: { code: 'upstream-unavailable' } },
        { target: 'ledger', status: 'ok' },
      ],
    });
  });

  it('gives exact ids beyond 2^53, and pages that join to the whole', async () => {
    const seen: string[] = [];
    let token: string | null = null;
    do {
      const query: string = `/processes?target=orders&target=ledger&limit=17${token === null ? '' : `&pageToken=${token}`}`;
      const { body } = await gateway.call('GET', query);
      const page = body as { items: { target: string; node: string; id: string }[]; nextPageToken: string | null };
      seen.push(...page.items.map(({ target, node, id }) => `${target} ${node} ${id}`));
      token = page.nextPageToken;
    } while (token !== null);
    expect(seen).toHaveLength(new Set(seen).size);
    expect(seen).toContain('orders primary 9007199254740993');
    const whole = await gateway.call('GET', '/processes?target=orders&target=ledger&limit=10000');
    expect((whole.body as { items: { id: string }[] }).items).toHaveLength(seen.length);
  });
});

describe('a kill', () => {
  it('of ids in a body keeps what is exact, and their order', async () => {
    const body = '{"target":"orders","node":"primary","ids":[2075426,"2075425",9007199254740993,77]}';
    const answer = await gateway.call('DELETE', '/processes', { body });
    expect(answer.status).toBe(200);
    expect(operationOf(answer).targets[0]?.items.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['2075426', 'ended'],
      ['2075425', 'ended'],
      ['9007199254740993', 'ended'],
      ['77', 'notFound'],
    ]);
    expect(vendors.journal.of('delete-processes')[0]?.raw.body.toString()).toBe(
      '{"processes":[2075426,2075425,9007199254740993,77]}',
    );
    const look = await gateway.call('GET', '/processes?target=orders&node=primary&id=2075425');
    expect(look.body).toMatchObject({ items: [] });
  });

  it('skips what no longer fits, and what no node was seen to have', async () => {
    const answer = await gateway.call('DELETE', '/processes?target=orders&id=2075425&id=77&user=nobody');
    expect(answer).toMatchObject({ status: 207, headers: { 'sluice-state': 'partial' } });
    expect(operationOf(answer).targets[0]?.items.map(({ id, outcome, why }) => [id, outcome, why])).toEqual([
      ['2075425', 'skipped', 'noMatch'],
      ['77', 'skipped', 'notListed'],
    ]);
    expect(vendors.journal.of('delete-processes')).toEqual([]);
  });

  it('names every place of an id that lives on several nodes, and sends nothing', async () => {
    vendors.huawei.taurusdb.addThread({ instanceId: taurus, nodeId: replica }, { id: 2075425n });
    const body = { target: 'orders', ids: ['2075426', '2075425'] };
    const answer = await gateway.call('DELETE', '/processes', { body });
    expect(problemOf(answer)).toMatchObject({
      status: 400,
      code: 'ambiguous-process',
      errors: [{ pointer: '/ids/1' }],
    });
    expect(problemOf(answer).detail).toMatch(/"primary".*"replica"/);
    expect(answer.headers['sluice-operation']).toBeUndefined();
    const narrowed = await gateway.call('DELETE', '/processes?target=orders&node=replica&id=2075425');
    expect(operationOf(narrowed).counts.ended).toBe(1);
    expect(vendors.journal.of('delete-processes').map(({ raw }) => raw.path.includes(replica))).toEqual([true]);
  });

  it('by a node that not all of its targets have ends what a look by it shows', async () => {
    const query = 'target=orders&target=carts&node=primary&user=orders_*&minIdleSeconds=3000&state=idle';
    const looked = lookOf(await gateway.call('GET', `/processes?${query}`));
    const seen = looked.items.map(({ target, node, id }) => [target, node, id]);
    expect(seen.length).toBeGreaterThan(0);
    const answer = await gateway.call('DELETE', `/processes?${query}`);
    expect(answer.status).toBe(200);
    const ended = operationOf(answer).targets.flatMap(({ target, items }) =>
      items.filter(({ outcome }) => outcome === 'ended').map(({ node, id }) => [target, node, id]),
    );
    expect(ended).toEqual(seen);
    expect(new Set(ended.map(([target, node]) => `${String(target)} ${String(node)}`))).toEqual(
      new Set(['orders primary']),
    );
  });

  it('by a node that its only target does not have is refused where it says so', async () => {
    const answer = await gateway.call('DELETE', '/processes?target=carts&node=primary&minIdleSeconds=1');
    expect(problemOf(answer)).toMatchObject({ code: 'invalid-request', errors: [{ parameter: 'node' }] });
    const body = { target: 'carts', node: 'primary', ids: ['10.0.0.1:1'] };
    const inBody = await gateway.call('DELETE', '/processes', { body });
    expect(problemOf(inBody)).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/node' }] });
  });

  it('by a node is refused for each pool, whatever stands beside it', async () => {
    // Of its own, since what other tests flushed or left unknown is looked at again.
    const alone = await openGateway({ signed: true });
    const unjudged = { parameter: 'node', message: expect.stringContaining('"bi-pool" (1010data) cannot judge node') };
    const unknown = { parameter: 'node', message: 'The target "orders" has no node "nowhere".' };
    for (const [query, code, errors] of [
      ['target=bi-pool&node=primary', 'unsupported-filter', [unjudged]],
      ['target=bi-pool&target=orders&node=primary', 'unsupported-filter', [unjudged]],
      ['target=orders&target=bi-pool&target=carts&node=primary', 'unsupported-filter', [unjudged]],
      ['target=bi-pool&target=orders&node=nowhere', 'invalid-request', [unjudged, unknown]],
      ['target=bi-pool&target=nobody&node=primary', 'unknown-target', [{ parameter: 'target' }, unjudged]],
    ] as const) {
      expect(problemOf(await alone.call('GET', `/processes?${query}`))).toMatchObject({ code, errors });
    }
    expect(alone.vendors.journal.all()).toEqual([]);
    await alone.close();
  });

  it('of a vendor’s own thread tells that the vendor left it alone', async () => {
    const answer = await gateway.call('DELETE', '/processes?target=orders&node=primary&id=1');
    expect(answer.status).toBe(207);
    expect(operationOf(answer).targets[0]?.items).toMatchObject([{ id: '1', outcome: 'skipped', why: 'internal' }]);
  });

  it('tells what an id may be where one in a body is none', async () => {
    const answer = await gateway.call('DELETE', '/processes', { body: { target: 'orders', ids: ['1', 1.5] } });
    expect(problemOf(answer)).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/ids/1' }] });
    expect(problemOf(answer).detail).toMatch(/integer that is exact/);
  });

  it('refuses more than max, and nothing is sent', async () => {
    const answer = await gateway.call('DELETE', '/processes?target=orders&state=idle&max=3');
    expect(answer.status).toBe(422);
    expect(problemOf(answer).code).toBe('too-many-processes');
    expect(vendors.journal.of('delete-processes')).toEqual([]);
  });
});
