import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Vendors } from '../../sandbox/vendors.ts';
import type { Item, Operation } from '../../src/core/model/operation.js';
import { startBuilt, type BuiltGateway } from '../built-gateway.ts';
import { configFor } from '../gateway.ts';
import { primary } from '../safeguards-places.ts';
import { until } from '../until.ts';
import { ask, type Answered } from './ask.ts';

const program = join(import.meta.dirname, '..', 'replica-gateway.ts');
const leaseMs = 3000;
const killsEach = 6;
const patienceMs = 60_000;

/** How a replica is interrupted: for good, or so that it goes on later as if nothing had been. */
export type Interruption = 'SIGKILL' | 'SIGSTOP';

/** One kill of one process, by a caller who asks again at the other replica if he loses the first one. */
interface Kill {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Status of the answer of the replica that was interrupted; null if there was none. */
  before: number | null;
}

/** What was seen of kills that were interrupted. */
export interface Tally {
  /** Points of interruption. */
  points: number;
  kills: number;
  /** Answered before the replica was interrupted. */
  answered: number;
  /** The vendor was sent the kill, and what became of it was found out by a look afterwards. */
  settled: number;
  /** The vendor was to be sent the kill, and was not: nobody can know. */
  unknown: number;
  /** Begun, and closed by the other replica as never sent. */
  unsent: number;
  /** Every breach of what must hold, in words. */
  readonly breaches: string[];
}

interface Replica extends BuiltGateway {
  readonly url: string;
}

/** Two replicas on one database: the second is never interrupted. */
export class ReplicaPair {
  readonly #vendors: Vendors;
  readonly #start: () => Promise<Replica>;
  readonly #tally: Tally;
  #first: Promise<Replica>;
  readonly #second: Promise<Replica>;

  constructor(vendors: Vendors, databaseUrl: string, tally: Tally) {
    const store = { postgres: { url: { env: 'DATABASE_URL' } } };
    const config = JSON.stringify(
      configFor(vendors, {
        signed: true,
        change: (it) => {
          // What is tested is neither the budget nor the rate.
          const targets = it.targets.map((target) => ({ ...target, killsPerMinute: 10_000 }));
          Object.assign(it, { store, targets, limits: { caller: { requests: 1_000_000, seconds: 1 } } });
        },
      }),
    );
    const environment = { DATABASE_URL: databaseUrl };
    this.#start = async () => {
      const gateway = startBuilt(config, { program, programArguments: [String(leaseMs)], environment });
      return { ...gateway, ...(await gateway.listening()) };
    };
    this.#vendors = vendors;
    this.#tally = tally;
    this.#first = this.#start();
    this.#second = this.#start();
  }

  async close(): Promise<void> {
    for (const replica of await Promise.allSettled([this.#first, this.#second])) {
      if (replica.status === 'fulfilled') await replica.value.close();
    }
  }

  /** How long a run of kills takes that nobody interrupts, in milliseconds. */
  async measure(): Promise<number> {
    const [first, second] = await Promise.all([this.#first, this.#second]);
    const since = performance.now();
    const never = new AbortController().signal;
    await Promise.all(this.#addKills().map((kill) => this.#ask(first, second, kill, never)));
    return performance.now() - since;
  }

  /** Asks for one kill under one key, of both replicas at once: how often it was sent, and what was answered. */
  async crowd(times: number): Promise<{ readonly sent: number; readonly statuses: ReadonlySet<number> }> {
    const urls = (await Promise.all([this.#first, this.#second])).map(({ url }) => url);
    const [{ id, headers } = { id: '', headers: {} }] = this.#addKills();
    const path = `/processes?target=orders&node=primary&id=${id}`;
    const answers = await Promise.all(
      Array.from({ length: times }, (_, index) => ask(urls[index % 2] ?? '', 'DELETE', path, { headers })),
    );
    return { sent: this.#sent(id), statuses: new Set(answers.map(({ status }) => status)) };
  }

  #sent(id: string): number {
    const entries = this.#vendors.journal.of('delete-processes', 'taurusdb');
    return entries.filter(({ raw }) => raw.body.toString().includes(id)).length;
  }

  /** Interrupts a run of kills so many milliseconds after it began, and looks at all that became of it. */
  async interrupt(how: Interruption, afterMs: number): Promise<void> {
    const [first, second] = await Promise.all([this.#first, this.#second]);
    const kills = this.#addKills();
    const lost = new AbortController();
    const asked = kills.map((kill) => this.#ask(first, second, kill, lost.signal));
    await sleep(afterMs);
    first.signal(how);
    const atOnce = new Set(kills.filter(({ before }) => before !== null));
    lost.abort();
    await Promise.all(asked);
    await Promise.all(kills.map((kill) => this.#settled(second, kill)));
    if (how === 'SIGSTOP') {
      first.signal('SIGCONT');
      // Whatever it still had in mind has come to nothing once it tells of them as the other one does.
      await Promise.all(kills.map((kill) => this.#settled(first, kill)));
    } else {
      this.#first = this.#start();
    }
    await Promise.all(kills.map((kill) => this.#judge(second, kill)));
    this.#tally.points += 1;
    this.#tally.kills += kills.length;
    this.#tally.answered += atOnce.size;
  }

  #addKills(): Kill[] {
    const wish = { user: 'runaway', command: 'Sleep', seconds: 5000 };
    return Array.from({ length: killsEach }, () => {
      const key = randomUUID();
      const headers = { 'idempotency-key': key, 'x-request-id': key, prefer: 'wait=30' };
      return { id: this.#vendors.huawei.taurusdb.addThread(primary, wish).id.toString(), headers, before: null };
    });
  }

  async #ask(first: Replica, second: Replica, kill: Kill, signal: AbortSignal): Promise<void> {
    const path = `/processes?target=orders&node=primary&id=${kill.id}`;
    const { headers } = kill;
    try {
      const answer = await ask(first.url, 'DELETE', path, { headers, signal });
      if (isBegun(answer)) kill.before = answer.status;
    } catch {
      // It is asked of the other one.
    }
    if (kill.before === null) await insist(() => ask(second.url, 'DELETE', path, { headers }));
  }

  async #operationOf(replica: Replica, { id, headers }: Kill): Promise<Operation | undefined> {
    const { status, body } = await insist(() =>
      ask(replica.url, 'GET', `/operations?requestId=${headers['x-request-id'] ?? ''}`),
    );
    if (status !== 200)
      throw new Error(`Operations were asked for, and ${String(status)} came: ${JSON.stringify(body)}`);
    const items = body['items'] as readonly Operation[];
    // What surely was never sent gave its key back: then the same call began another one.
    const others = items.slice(1).filter(({ state }) => state !== 'failed');
    if (others.length > 0) this.#tally.breaches.push(`${id}: two operations`);
    return items[0];
  }

  /** The list of operations has no items: the record has. */
  async #itemOf(replica: Replica, operation: Operation, id: string): Promise<Item | undefined> {
    const { body } = await insist(() => ask(replica.url, 'GET', `/operations/${operation.id}`));
    return (body as unknown as Operation).targets[0]?.items.find((one) => one.id === id);
  }

  /** Waits until there is nothing left to find out: that a process is still there proves nothing, and stays unknown. */
  async #settled(replica: Replica, kill: Kill): Promise<void> {
    await until(
      () => this.#operationOf(replica, kill),
      (operation) => operation?.state !== 'running' && (operation?.state !== 'unknown' || !this.#isGone(kill)),
      patienceMs,
    );
  }

  #isGone({ id }: Kill): boolean {
    return !this.#vendors.huawei.taurusdb.threads(primary).some((thread) => thread.id.toString() === id);
  }

  async #judge(second: Replica, kill: Kill): Promise<void> {
    const { breaches } = this.#tally;
    const { id, before } = kill;
    const sent = this.#sent(id);
    const operation = await this.#operationOf(second, kill);
    const item = operation && (await this.#itemOf(second, operation, id));
    const isGone = this.#isGone(kill);
    const facts = JSON.stringify({ id, before, sent, isGone, state: operation?.state, outcome: item?.outcome });
    if (sent > 1) breaches.push(`sent twice: ${facts}`);
    if (operation === undefined) breaches.push(`not found again: ${facts}`);
    if (before === 200 && sent !== 1) breaches.push(`answered as done, and never sent: ${facts}`);
    if (isGone !== (operation?.state === 'succeeded')) breaches.push(`not told as it is: ${facts}`);
    if (sent > 0 && operation?.state === 'failed') breaches.push(`told as never sent: ${facts}`);
    if (item?.verified === true && before === null) this.#tally.settled += 1;
    if (operation?.state === 'unknown') this.#tally.unknown += 1;
    if (operation?.state === 'failed') this.#tally.unsent += 1;
  }
}

/** Neither refused, to be sent again, nor on its way under the same key. */
function isBegun({ status, headers }: Answered): boolean {
  return status !== 409 && (status !== 503 || headers['sluice-operation'] !== undefined);
}

/** A machine that is busy with much else may be too slow for the time that a store has. */
function insist(work: () => Promise<Answered>): Promise<Answered> {
  return until(work, isBegun, patienceMs);
}
