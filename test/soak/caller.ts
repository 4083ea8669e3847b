import { randomUUID } from 'node:crypto';
import type { Mishap } from '../../sandbox/frame/fault.ts';
import type { Vendors } from '../../sandbox/vendors.ts';
import type { Operation } from '../../src/core/model/operation.js';
import { ask, type Answered, type Asking } from '../faults/ask.ts';
import { pick, type Random } from '../faults/random.ts';
import { primary } from '../safeguards-places.ts';

/** One kill of one process that nobody else is about. */
export interface Kill {
  readonly id: string;
  /** The operation that it became; null if it was refused whole. */
  readonly operation: string | null;
}

const mishaps: readonly Mishap[] = [
  { kind: 'latency', milliseconds: 150 },
  { kind: 'latency', milliseconds: 600, when: 'after' },
  { kind: 'throttle', retryAfter: 0 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, executed: true },
  { kind: 'html', executed: true },
  { kind: 'redirect', location: 'http://127.0.0.1:9/' },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'fin-after' },
  { kind: 'silence-before' },
  { kind: 'silence-after' },
  { kind: 'cut-body', framing: 'length' },
  { kind: 'cut-body', framing: 'close', ending: 'reset' },
  { kind: 'slow-body', millisecondsPerByte: 100 },
  { kind: 'too-big', bytes: 300_000 },
  { kind: 'wrong-content', content: 'garbage' },
  { kind: 'truncate', atByte: 5 },
  { kind: 'reply', status: 400, body: '{"error_code":"DBS.200001","error_msg":"Parameter error."}' },
];

/** Calls whatever there is to call, one after the other, and lets a vendor fail at one in three. */
export class Caller {
  readonly kills: Kill[] = [];
  readonly #url: string;
  readonly #vendors: Vendors;
  readonly #random: Random;
  /** Answers by status. */
  readonly #statuses: Map<number, number>;

  constructor(url: string, vendors: Vendors, random: Random, statuses: Map<number, number>) {
    this.#url = url;
    this.#vendors = vendors;
    this.#random = random;
    this.#statuses = statuses;
  }

  async act(): Promise<void> {
    const draw = this.#random();
    if (draw < 0.45) await this.#kill();
    else if (draw < 0.6) await this.#plan();
    else if (draw < 0.8) await this.#look();
    else if (draw < 0.92) await this.#flush();
    else await this.#tune();
  }

  async #ask(method: string, path: string, asking: Asking = {}): Promise<Answered> {
    const answer = await ask(this.#url, method, path, asking);
    this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1);
    return answer;
  }

  #disturb(contains: string, call: string): void {
    if (this.#random() < 0.33) this.#vendors.faults.add({ ...pick(this.#random, mishaps), call, contains, times: 1 });
  }

  #add(user: string): string {
    return this.#vendors.huawei.taurusdb.addThread(primary, { user, seconds: 5000 }).id.toString();
  }

  /** Under a key, and often more than once: at the same time, or afterwards. */
  async #kill(): Promise<void> {
    const id = this.#add('soak');
    this.#disturb(id, 'delete-processes');
    const path = `/processes?target=orders&node=primary&id=${id}&reason=soak`;
    const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=10' };
    const together = 1 + Math.floor(this.#random() * 3);
    const answers = await Promise.all(Array.from({ length: together }, () => this.#ask('DELETE', path, { headers })));
    if (this.#random() < 0.3) answers.push(await this.#ask('DELETE', path, { headers }));
    this.#keep(id, answers);
  }

  #keep(id: string, answers: readonly Answered[]): void {
    const named = answers.map(({ headers }) => headers['sluice-operation']).find((one) => one !== undefined);
    this.kills.push({ id, operation: named === undefined ? null : String(named) });
  }

  async #plan(): Promise<void> {
    const user = `plan_${randomUUID().slice(0, 8)}`;
    const ids = [this.#add(user), this.#add(user)];
    const path = `/processes?target=orders&node=primary&user=${user}`;
    const { body } = await this.#ask('DELETE', `${path}&dryRun=true`);
    const { plan } = body as Partial<Pick<Operation, 'plan'>>;
    if (!plan) return;
    this.#disturb(ids[0] ?? '', 'delete-processes');
    // A plan is used once, whoever tries it again.
    const answers = await Promise.all([1, 2].map(() => this.#ask('DELETE', `/processes?plan=${plan.id}`)));
    for (const id of ids) this.#keep(id, answers);
  }

  async #look(): Promise<void> {
    const target = pick(this.#random, ['bi-pool', 'ledger', 'orders', 'carts']);
    this.#disturb('', pick(this.#random, ['samstatus', 'real-time-session', 'list-processes', 'list-clients']));
    await this.#ask('GET', `/processes?target=${target}&limit=5`);
    await this.#ask('GET', pick(this.#random, ['/operations?limit=5', '/targets', '/targets/orders']));
  }

  async #flush(): Promise<void> {
    const targets = [pick(this.#random, ['bi-pool', 'ledger', 'carts'])];
    const mode = targets[0] === 'ledger' ? 'graceful' : pick(this.#random, ['graceful', 'forced']);
    this.#disturb('', pick(this.#random, ['flushpool', 'resetpool', 'kill-free-session', 'kill-all-clients']));
    await this.#ask('POST', '/sessions/flush', { body: { targets, mode, reason: 'soak' } });
  }

  async #tune(): Promise<void> {
    this.#disturb('', pick(this.#random, ['login', 'session']));
    await this.#ask('POST', '/sessions/tune', { body: { target: 'bi-user', settings: { infinityToNa: true } } });
  }
}
