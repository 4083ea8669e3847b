import { Aftermath } from '../settle/aftermath.js';
import type { Clock } from '../model/clock.js';
import type { BrakeWatch } from './brake-watch.js';
import type { Run } from '../execute/kill.js';
import { LeaseLost, type Journal } from '../record/journal.js';
import type { Keeper } from './leases.js';
import type { Listeners } from './listeners.js';
import { OpenRecord } from '../record/open-record.js';
import { unrecorded } from '../record/unrecorded.js';
import { endPart, finish } from '../settle/recover.js';
import type { Call, Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';

/** An operation that this process works on. */
export interface Running {
  readonly record: OpenRecord;
  /** Resolves once the operation is closed. */
  readonly closed: Promise<void>;
  /** Resolves once nothing more is to be expected of it here. */
  readonly over: Promise<void>;
}

/** All that this process works on: operations that run, and those that have ended and are still settled or watched. */
export class OpenOperations {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #listeners: Listeners;
  readonly #aftermath = new Aftermath();
  readonly #open = new Map<string, Running>();
  readonly #brakes: BrakeWatch;
  #isAbandoned = false;

  constructor(journal: Journal, clock: Clock, keeper: Keeper, brakes: BrakeWatch, listeners: Listeners) {
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = keeper;
    this.#brakes = brakes;
    this.#listeners = listeners;
  }

  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** What this process works on under an id; nothing if another one has taken it over. */
  get(id: string): Running | undefined {
    const found = this.#open.get(id);
    return found?.record.isLost ? undefined : found;
  }

  /** Resolves once all have ended, and their last events are written. */
  async closed(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ closed }) => closed));
  }

  /** Those that have not ended. */
  get unclosed(): readonly Running[] {
    return [...this.#open.values()].filter(({ record }) => !record.isClosed);
  }

  /** For how long the oldest of those has been running; 0 if none runs. */
  get oldestMs(): number {
    const now = this.#clock.now();
    return Math.max(0, ...this.unclosed.map(({ record }) => now - (record.events[0]?.at ?? now)));
  }

  /**
   * Runs an operation to its end, and goes on with what is left to be done for it afterwards: with the targets it began
   * with.
   */
  run(record: OpenRecord, targets: Targets, work: () => Promise<void>): Running {
    // What began too late is left to others.
    if (this.#isAbandoned) record.giveUp();
    const release = targets.hold?.();
    const closed = record.isClosed ? Promise.resolve() : this.#finish(record, targets, work);
    const over = closed
      .then(() => (record.isLost ? undefined : this.#goOn(record, targets)))
      .catch((thrown: unknown) => {
        this.#listeners.tellError(record.id, thrown);
      })
      .finally(() => {
        if (this.#open.get(record.id)?.record === record) this.#open.delete(record.id);
        release?.();
      });
    const running = { record, closed, over };
    this.#open.set(record.id, running);
    return running;
  }

  /** Goes on with an operation that nobody keeps any more. False if there is no such operation. */
  async takeOver(
    id: string,
    takenAt: number,
    current: () => Targets,
    callFor: (requestId: string) => Call,
  ): Promise<boolean> {
    if (this.get(id)) return true;
    const kept = await this.#journal.read(id);
    if (!kept) return false;
    const record = new OpenRecord(id, kept.events, this.#journal, this.#keeper.owner, this.#clock, takenAt);
    const targets = current();
    const { requestId } = kept.operation;
    this.run(record, targets, () =>
      finish(record, targets, (target) => this.runOf(record, target, callFor(requestId))),
    );
    return true;
  }

  /** What a part of an operation needs to run. */
  runOf(record: OpenRecord, target: Target, call: Call): Run {
    const assertMaySend = (): void => {
      this.#assertOurs(record);
      this.#brakes.assertMaySend(record.isCancelled, target);
    };
    return {
      target,
      call: { ...call, assertMaySend },
      clock: this.#clock,
      emit: (event) => {
        record.add(event);
      },
      recorded: async () => {
        await record.written().catch((thrown: unknown) => {
          throw unrecorded(thrown);
        });
        await this.#brakes.refresh();
        assertMaySend();
      },
    };
  }

  /** A record that was closed meanwhile tells what was sent and what was not. */
  #assertOurs(record: OpenRecord): void {
    try {
      if (record.isLost || record.isClosed) throw new LeaseLost(record.id);
      this.#keeper.assertHolds(record.id, record.takenAt);
    } catch (thrown) {
      throw unrecorded(thrown);
    }
  }

  /** Records what still runs as it stands: what was sent and not answered is unknown. Nothing is sent any more. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await Promise.all(
      this.unclosed.map(async ({ record }) => {
        for (const { target, state } of record.operation.targets) if (state === 'running') endPart(record, target);
        await this.#close(record);
        record.giveUp();
      }),
    );
  }

  /** Works on nothing any more. */
  giveUp(): void {
    for (const { record } of this.#open.values()) record.giveUp();
  }

  async #finish(record: OpenRecord, targets: Targets, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (!record.isLost && !record.isClosed) await this.#close(record, targets);
    } catch (thrown) {
      this.#listeners.tellError(record.id, thrown);
    }
  }

  /** Does what is left to be done of an operation that has ended, and waits until all of it is written. */
  async #goOn(record: OpenRecord, targets: Targets): Promise<void> {
    if (!record.isOver) {
      const before = record.events.length;
      await this.#aftermath.run(record, targets);
      if (record.isLost) return;
      const isNews = record.events.length > before;
      record.add({ is: 'over', at: this.#clock.now() });
      if (isNews) this.#listeners.tellChange(record.operation);
    }
    await record.whenWritten();
  }

  /** Where its targets cannot be found here, whatever is left to be done is left to others. */
  async #close(record: OpenRecord, targets?: Targets): Promise<void> {
    const at = this.#clock.now();
    const isOver = targets !== undefined && !this.#aftermath.isNeeded(record, targets);
    record.add({ is: 'closed', at }, ...(isOver ? [{ is: 'over', at } as const] : []));
    try {
      await record.written();
    } catch (thrown) {
      // It is written as soon as the store can be: until then the record is told from here.
      this.#listeners.tellError(record.id, thrown);
    }
    this.#listeners.tellEnd(record.operation);
  }
}
