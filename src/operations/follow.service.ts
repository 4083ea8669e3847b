import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { Engine } from '../core/engine/engine.js';
import type { Clock } from '../core/model/clock.js';
import type { OperationEvent } from '../core/model/event.js';
import { Failure } from '../core/model/failure.js';
import type { Operation } from '../core/model/operation.js';
import type { Journal, StoredOperation } from '../core/record/journal.js';
import { isOver } from '../core/record/is-over.js';
import { summaryOf } from '../core/record/summary.js';
import { CLOCK } from '../platform/clock.token.js';
import type { Ask } from '../platform/entry/ask.js';
import { JOURNAL } from './journal.token.js';
import { notFound } from './not-found.js';
import { see } from './visible.js';

/** How many operations one caller may follow at once, on this replica. */
const mostOfCaller = 50;
const lookEveryMs = 500;
const heartbeatMs = 15_000;

/** Follows operations: what happens to one is told as it is written. */
@Injectable()
export class FollowService {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #following = new Map<string, number>();
  /** What was read of each operation that is followed, and when. */
  readonly #read = new Map<
    string,
    { readonly at: number; readonly kept: Promise<StoredOperation | null | undefined> }
  >();

  constructor(engine: Engine, @Inject(JOURNAL) journal: Journal, @Inject(CLOCK) clock: Clock) {
    this.#engine = engine;
    this.#journal = journal;
    this.#clock = clock;
  }

  /** The events of an operation behind the last one that was read, as text, until nothing more is to be expected. */
  async follow(ask: Ask, id: string, lastEventId: string | undefined): Promise<Readable> {
    const { name } = ask.caller;
    const kept = await this.#journal.read(id);
    if (!kept || !see(ask.caller, kept.operation)) throw notFound(id);
    const last = lastEventId === undefined ? -1 : Number(lastEventId);
    if (!/^\d{0,15}$/.test(lastEventId ?? '')) {
      const message = 'Last-Event-ID must be the id of an event of this operation.';
      throw new Failure('invalid-request', message, { errors: [{ parameter: 'Last-Event-ID', message }] });
    }
    const following = this.#following.get(name) ?? 0;
    if (following >= mostOfCaller) {
      throw new Failure('rate-limited', `${name} follows ${String(mostOfCaller)} operations already.`);
    }
    this.#following.set(name, following + 1);
    const gone = new AbortController();
    const stream = Readable.from(this.#tell(ask, id, last, gone.signal));
    // The time of a stream is no time that Sluice adds to a request.
    void ask.waiting.during(() => new Promise<void>((resolve) => stream.once('close', resolve)));
    // Fastify ends the stream when its caller hangs up.
    stream.once('close', () => {
      gone.abort();
      this.#read.delete(id);
      const left = (this.#following.get(name) ?? 1) - 1;
      if (left === 0) this.#following.delete(name);
      else this.#following.set(name, left);
    });
    return stream;
  }

  /**
   * The record as it was at most half a second ago: however many follow an operation, it is read once. Null if it
   * cannot be read now.
   */
  #newest(id: string): Promise<StoredOperation | null | undefined> {
    const at = this.#clock.now();
    const last = this.#read.get(id);
    if (last && at - last.at < lookEveryMs) return last.kept;
    const kept = this.#journal.read(id).catch(() => null);
    this.#read.set(id, { at, kept });
    return kept;
  }

  async *#tell(ask: Ask, id: string, last: number, gone: AbortSignal): AsyncGenerator<string> {
    let told = last;
    let spokeAt = this.#clock.now();
    yield ': it is followed\n\n';
    while (!gone.aborted) {
      const kept = await this.#newest(id);
      const visible = kept ? see(ask.caller, kept.operation) : undefined;
      if (kept === undefined || (kept && !visible)) return;
      if (kept && visible && kept.events.length - 1 > told) {
        yield textOf(kept, visible, told);
        told = kept.events.length - 1;
        spokeAt = this.#clock.now();
      }
      if ((kept && isOver(kept.events)) || this.#engine.isStopping) return;
      if (this.#clock.now() - spokeAt >= heartbeatMs) {
        spokeAt = this.#clock.now();
        yield ': still there\n\n';
      }
      await this.#clock.sleep(lookEveryMs, gone);
    }
  }
}

/** The events behind one, each as far as the caller may see it; the newest tells how the operation stands. */
function textOf({ events }: StoredOperation, visible: Operation, told: number): string {
  const names = new Set(visible.targets.map(({ target }) => target));
  const newest = events.length - 1;
  return events
    .map((event, index) => {
      if (index <= told || ('target' in event && !names.has(event.target))) return '';
      const data = index === newest ? { ...tellEvent(event), operation: summaryOf(visible) } : tellEvent(event);
      return `id: ${String(index)}\nevent: ${event.is}\ndata: ${JSON.stringify(data)}\n\n`;
    })
    .join('');
}

/** What an event tells besides its kind: when, where, and about how many processes. */
function tellEvent(event: OperationEvent): object {
  return {
    at: new Date(event.at).toISOString(),
    ...('target' in event ? { target: event.target } : {}),
    ...('node' in event ? { node: event.node } : {}),
    ...('items' in event ? { processes: event.items.length } : {}),
    ...('ids' in event && event.ids !== null ? { processes: event.ids.length } : {}),
  };
}
