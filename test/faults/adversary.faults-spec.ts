import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TAURUSDB } from '../../sandbox/huawei/taurusdb/seed.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import type { Operation } from '../../src/core/model/operation.js';
import { startBuilt, type BuiltGateway } from '../built-gateway.ts';
import { configFor } from '../gateway.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../postgres.ts';
import { primary, threadsOf } from '../safeguards-places.ts';
import { until } from '../until.ts';
import { ask, type Answered } from './ask.ts';
import { randomFrom } from './random.ts';

const rounds = Number(process.env['ROUNDS'] ?? 2);
const seed = Number(process.env['SEED'] ?? 20_261_130);
const program = join(import.meta.dirname, '..', 'replica-gateway.ts');
const leaseMs = 3000;
const patienceMs = 90_000;
/** Kills of a minute of the target that is raced for. */
const budget = 5;

/** Another instance, whose budget is raced for. */
const other: { readonly instanceId: string; readonly nodeId: string } = {
  instanceId: TAURUSDB.otherInstanceId,
  nodeId: TAURUSDB.otherNodeId,
};
const rationed = { name: 'rationed', instanceId: other.instanceId, nodes: [{ name: 'primary', id: other.nodeId }] };

/** A replica whose clock is 20 s ahead. */
const ahead = ['--import', 'data:text/javascript,const n=Date.now;Date.now=()=>n()+20000'];

interface Replica extends BuiltGateway {
  readonly url: string;
}

(hasPostgres('two replicas under an adversary') ? describe : describe.skip)('under an adversary, two replicas', () => {
  const random = randomFrom(seed);
  let server: PostgresServer;
  let vendors: Vendors;
  let replicas: readonly Replica[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    vendors = await startVendors();
    const config = configFor(vendors, {
      signed: true,
      change: (it) => {
        const targets = it.targets.map((target) => ({ ...target, killsPerMinute: 10_000 }));
        const orders = targets.find(({ name }) => name === 'orders');
        Object.assign(it, {
          store: { postgres: { url: { env: 'DATABASE_URL' } } },
          targets: [...targets, { ...orders, ...rationed, killsPerMinute: budget }],
          limits: { caller: { requests: 1_000_000, seconds: 1 } },
        });
      },
    });
    const environment = { DATABASE_URL: await server.database() };
    const start = async (nodeArguments: readonly string[]): Promise<Replica> => {
      const options = { program, programArguments: [String(leaseMs)], environment, nodeArguments };
      const gateway = startBuilt(JSON.stringify(config), options);
      return { ...gateway, ...(await gateway.listening()) };
    };
    replicas = await Promise.all([start([]), start(ahead)]);
  }, 90_000);

  beforeEach(() => {
    vendors.faults.replace([
      { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 100 },
      { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 100, when: 'after' },
    ]);
  });

  afterAll(async () => {
    for (const one of replicas) await one.close();
    await vendors.close();
    await server.drop();
  });

  const replica = (index: number): Replica => replicas[index % 2]!;
  const either = (): Replica => replica(random() < 0.5 ? 0 : 1);
  const addThreads = (count: number, place: typeof other = primary): readonly string[] =>
    Array.from({ length: count }, () => {
      const wish = { user: 'runaway', command: 'Sleep', seconds: 5000 };
      return vendors.huawei.taurusdb.addThread(place, wish).id.toString();
    });
  const path = (ids: readonly string[], target = 'orders'): string =>
    `/processes?target=${target}&node=primary&${ids.map((id) => `id=${id}`).join('&')}`;

  /** When each call arrived that was to end a process. */
  const arrivals = (id: string): readonly number[] =>
    vendors.journal
      .of('delete-processes', 'taurusdb')
      .filter(({ raw }) => raw.body.toString().includes(id))
      .map(({ at }) => at);

  /** Asks until something is told that stays: whoever is refused for a moment asks again, under the same key. */
  const insist = (work: () => Promise<Answered>): Promise<Answered> =>
    until(
      () => work().catch(() => ({ status: 0, headers: {}, body: {}, milliseconds: 0 })),
      ({ status, headers }) => status !== 0 && status !== 409 && (status !== 503 || 'sluice-operation' in headers),
      patienceMs,
    );

  const recordOf = async (requestId: string): Promise<Operation | undefined> => {
    const { body } = await insist(() => ask(either().url, 'GET', `/operations?requestId=${requestId}`));
    const all = body['items'] as readonly Operation[];
    // What surely was never sent gave its key back: then the same call began another one.
    const others = all.filter(({ state }) => state !== 'failed');
    expect(others.map(({ id, state }) => [id, state]).slice(1)).toEqual([]);
    return others[0] ?? all[0];
  };

  /** What is told of a kill in the end is what the vendor saw. */
  async function judge(id: string, key: string): Promise<void> {
    const isGone = (): boolean => !threadsOf(vendors).has(id);
    const record = await until(
      () => recordOf(key),
      (one) => one !== undefined && one.state !== 'running' && (one.state !== 'unknown' || !isGone()),
      patienceMs,
    );
    const facts = { id, state: record?.state, sent: arrivals(id).length, isGone: isGone() };
    expect({ ...facts, isTrue: (record?.state === 'succeeded') === isGone() }).toMatchObject({ isTrue: true });
    if (record?.state === 'failed') expect(facts).toMatchObject({ sent: 0 });
  }

  async function killOnce(id: string, times: number): Promise<void> {
    const key = randomUUID();
    const headers = { 'idempotency-key': key, 'x-request-id': key, prefer: 'wait=30' };
    const asked = Array.from({ length: times }, (_, index) => {
      const { url } = replica(index);
      return insist(() => ask(url, 'DELETE', path([id]), { headers }));
    });
    await Promise.all(asked);
    await judge(id, key);
  }

  async function usePlan(id: string): Promise<void> {
    const { body } = await insist(() => ask(either().url, 'DELETE', `${path([id])}&dryRun=true`));
    const { id: plan = '' } = (body['plan'] ?? {}) as { readonly id?: string };
    expect(plan).toMatch(/^plan_/);
    const uses = Array.from({ length: 60 }, (_, index) => {
      const { url } = replica(index);
      return ask(url, 'DELETE', `/processes?plan=${plan}`).catch(() => null);
    });
    const statuses = (await Promise.all(uses)).map((answer) => answer?.status);
    if (statuses.includes(200)) expect(arrivals(id)).toHaveLength(1);
  }

  /** Once a cancel was answered, nothing more of its operation arrives. */
  async function cancelMidway(ids: readonly string[]): Promise<void> {
    const key = randomUUID();
    const headers = { 'idempotency-key': key, 'x-request-id': key, prefer: 'respond-async' };
    const begun = await insist(() => ask(either().url, 'DELETE', path(ids), { headers }));
    const operation = String(begun.headers['sluice-operation']);
    await sleep(random() * 600);
    const body = { reason: 'wrong target' };
    const cancel = () => ask(either().url, 'POST', `/operations/${operation}/cancel`, { body }).catch(() => null);
    const answer = await until(cancel, (one) => [200, 202, 409].includes(one?.status ?? 0), patienceMs);
    const answeredAt = Date.now();
    await until(
      () => recordOf(key),
      (one) => one?.state !== 'running',
      patienceMs,
    );
    const late = ids.flatMap(arrivals).filter((at) => at > answeredAt);
    if (answer?.status !== 409) expect({ operation, late }).toEqual({ operation, late: [] });
  }

  async function race(ids: readonly string[]): Promise<void> {
    const asked = ids.map((id, index) => {
      const { url } = replica(index);
      return ask(url, 'DELETE', path([id], 'rationed')).catch(() => null);
    });
    await Promise.all(asked);
    expect(ids.flatMap(arrivals).length).toBeLessThanOrEqual(budget);
  }

  /** Lets a replica stand still for longer than its leases, or ends the database at once and starts it again. */
  async function disturb(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await sleep(500 + random() * 1500);
      if (random() < 0.3) {
        await server.stop();
        await sleep(random() * 1000);
        await server.start();
      } else {
        const victim = either();
        victim.signal('SIGSTOP');
        await sleep(leaseMs + 1000);
        victim.signal('SIGCONT');
      }
    }
  }

  it(
    'send nothing twice, lose nothing, overspend nothing, and send nothing after a cancel was answered',
    async () => {
      const all: string[] = [];
      const add = (count: number, place?: typeof other): readonly string[] => {
        const ids = addThreads(count, place);
        all.push(...ids);
        return ids;
      };
      for (let round = 0; round < rounds; round += 1) {
        const stopping = new AbortController();
        const disturbing = disturb(stopping.signal);
        try {
          await Promise.all([
            ...add(6).map((id) => killOnce(id, 2)),
            ...add(1).map((id) => killOnce(id, 60)),
            ...add(1).map(usePlan),
            cancelMidway(add(80)),
            // Within a minute of the first: a budget is that of a minute.
            ...(round === 0 ? [race(add(20, other))] : []),
          ]);
        } finally {
          stopping.abort();
          await disturbing;
        }
      }
      const twice = all.filter((id) => arrivals(id).length > 1);
      process.stdout.write(
        `adversary, seed ${String(seed)}: ${String(all.length)} processes, ${String(rounds)} rounds\n`,
      );
      expect(twice).toEqual([]);
    },
    rounds * 120_000,
  );
});
