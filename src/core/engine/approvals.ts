import { flushClaim, refuseOpened, unlimitedKills } from '../choose/claims.js';
import { runPart } from '../execute/part.js';
import type { Clock } from '../model/clock.js';
import type { OperationEvent } from '../model/event.js';
import { Failure } from '../model/failure.js';
import type { ApprovalDecision } from '../model/approval.js';
import type { Operation } from '../model/operation.js';
import { problemOf } from '../model/problem.js';
import type { Targets } from '../model/targets.js';
import type { WaitingOperation } from '../record/approvals.js';
import { fold } from '../record/fold.js';
import { noticesOfDecision } from '../record/notices.js';
import type { Journal, StoredOperation, Terms } from '../record/journal.js';
import { OpenRecord } from '../record/open-record.js';
import type { BrakeWatch } from './brake-watch.js';
import { callOf } from './calls.js';
import type { Keeper } from './leases.js';
import type { Listeners } from './listeners.js';
import { approvedRequests } from './proposing.js';
import type { OpenOperations } from './running.js';

/** How often it is looked whether anything waits, or has waited long enough. */
const lookEveryMs = 2000;

/** What somebody says of an operation that waits. */
export interface Saying {
  readonly is: ApprovalDecision['is'];
  readonly by: string | null;
  readonly reason: string | null;
  readonly requestId: string;
}

interface ApprovalParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly keeper: Keeper;
  readonly open: OpenOperations;
  readonly brakes: BrakeWatch;
  readonly listeners: Listeners;
}

/** Operations that wait for somebody's approval: on all replicas together, one thing is decided of each. */
export class WaitingApprovals {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #open: OpenOperations;
  readonly #brakes: BrakeWatch;
  readonly #listeners: Listeners;
  readonly #stopped = new AbortController();
  #accepts = true;
  #waiting: readonly WaitingOperation[] = [];

  constructor({ journal, clock, keeper, open, brakes, listeners }: ApprovalParts) {
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = keeper;
    this.#open = open;
    this.#brakes = brakes;
    this.#listeners = listeners;
  }

  /** When those that wait were asked for, as last seen, in milliseconds since the epoch. */
  get since(): readonly number[] {
    return this.#waiting.map(({ createdAt }) => createdAt);
  }

  /** Looks until it is stopped, and lets go what nobody approved in time. */
  start(): void {
    const round = async (): Promise<void> => {
      this.#waiting = await this.#journal.approvals.waiting(this.#clock.now());
      for (const { id } of this.#waiting.filter(({ isDue }) => isDue)) await this.#expire(id);
    };
    const run = async (): Promise<void> => {
      while (!this.#stopped.signal.aborted) {
        await round().catch((thrown: unknown) => {
          this.#listeners.tellError(null, thrown);
        });
        await this.#clock.sleep(lookEveryMs, this.#stopped.signal);
      }
    };
    void run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Runs nothing more: another replica does. */
  refuse(): void {
    this.#accepts = false;
  }

  /** Runs what was approved. Throws Failure if it does not wait any more, or nothing may be changed there now. */
  async approve({ events, operation }: StoredOperation, saying: Saying, targets: Targets): Promise<void> {
    if (!this.#accepts) throw new Failure('draining', 'This replica is stopping: another one takes the call.');
    const requestFor = approvedRequests(events);
    if (!requestFor) throw over(operation);
    const names = operation.targets.filter(({ status }) => status === undefined).map(({ target }) => target);
    const found = names.map((name) => [name, targets.named(name)] as const);
    await this.#brakes.refresh();
    for (const [, target] of found) if (target) this.#brakes.assertMaySend(false, target);
    const now = this.#clock.now();
    const decided = decisionOf(saying, now);
    const terms = termsOf(operation, events, now);
    const notices = noticesOfDecision(fold([...events, decided]), now);
    const decision = { operation: operation.id, from: events.length, events: [decided], isDue: false, notices };
    const opened = await this.#keeper.reopen(operation.id, (lease) =>
      this.#journal.approvals.approve(decision, terms, lease),
    );
    if (!opened) throw over(operation);
    const refusal = refuseOpened(opened, terms.spending);
    if (refusal) throw refusal;
    const { owner } = this.#keeper;
    const record = new OpenRecord(operation.id, [...events, decided], this.#journal, owner, this.#clock, now);
    this.#listeners.tellApproval({ ...saying, operation });
    this.#open.run(record, targets, async () => {
      await Promise.all(
        found.map(async ([name, target]) => {
          if (!target) {
            this.#endGone(record, name);
            return;
          }
          const run = this.#open.runOf(record, target, callOf(operation.requestId, now));
          await runPart(run, requestFor(target), null);
          this.#listeners.tellTouched(target, operation.id);
        }),
      );
    });
  }

  /** Closes it without running it. Throws Failure if it does not wait any more. */
  async close({ events, operation }: StoredOperation, saying: Saying): Promise<Operation> {
    const at = this.#clock.now();
    const more = [decisionOf(saying, at), { is: 'closed', at } as const, { is: 'over', at } as const];
    const record = fold([...events, ...more]);
    const notices = noticesOfDecision(record, at);
    const isDue = saying.is === 'expired';
    const decision = { operation: operation.id, from: events.length, events: more, isDue, notices };
    if (!(await this.#journal.approvals.close(decision, record))) throw over(operation);
    this.#listeners.tellApproval({ ...saying, operation: record });
    this.#listeners.tellEnd(record);
    return record;
  }

  async #expire(id: string): Promise<void> {
    const kept = await this.#journal.read(id);
    if (!kept) return;
    const saying = { is: 'expired', by: null, reason: null, requestId: kept.operation.requestId } as const;
    await this.close(kept, saying).catch((thrown: unknown) => {
      // Another replica was faster, or somebody decided at the last moment.
      if (!(thrown instanceof Failure && thrown.kind === 'operation-over')) throw thrown;
    });
  }

  #endGone(record: OpenRecord, target: string): void {
    const at = this.#clock.now();
    const gone = new Failure('unknown-target', `The target "${target}" is not configured any more.`);
    const none = { node: null, call: null, jobId: null, ids: null };
    record.add({ is: 'failed', at, target, ...none, problem: problemOf(gone), sent: 'never' });
    record.add({ is: 'ended', at, target, note: null });
  }
}

function decisionOf({ is, by, reason }: Saying, at: number): Extract<OperationEvent, { is: 'decided' }> {
  return { is: 'decided', at, decision: is, by, reason };
}

/** What an approved operation claims, as any that begins: its flushes, and its kills, which no budget holds back. */
function termsOf({ kind, targets }: Operation, events: readonly OperationEvent[], now: number): Terms {
  if (kind === 'sessions.flush') return { claims: targets.map(({ target }) => flushClaim(target, now)), spending: [] };
  const counts = Map.groupBy(
    events
      .filter((event) => event.is === 'proposed')
      .flatMap(({ target, items }) => items.map((item) => [target, item] as const)),
    ([target]) => target,
  );
  const spending = [...counts].map(([target, items]) => ({
    target,
    count: items.filter(([, { outcome }]) => outcome === 'wouldEnd').length,
    perMinute: unlimitedKills,
  }));
  return { claims: [], spending };
}

function over({ id }: Operation): Failure {
  return new Failure('operation-over', `The operation ${id} does not wait for an approval any more: see its record.`);
}
