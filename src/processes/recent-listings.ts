import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import { lookAtNode, type LookAtNode, type Sighting } from '../core/look/look.js';
import type { Call, Node, Target } from '../core/model/target.js';

/** How long a listing serves other looks. A kill always looks afresh. */
const sharedMs = 2000;
/** How many processes are kept for that: of more, the listings made first are let go. */
const mostKept = 50_000;

/** Why a listing is stopped. A reason of our own: without one an error is made each time, with its stack. */
const unwanted = Symbol('unwanted');

interface Shared {
  readonly listing: Promise<Sighting>;
  readonly stop: AbortController;
  /** Milliseconds since the epoch; Infinity while it is being made. */
  madeAt: number;
  waiting: number;
}

/**
 * Lets looks at the same node that come close together share one listing. It is stopped when the last of them hangs up.
 */
export class RecentListings {
  readonly #clock: Clock;
  readonly #byTarget = new Map<Target, Map<string, Shared>>();
  /** What was made, oldest first, and how many processes each is. */
  readonly #made = new Map<Shared, number>();
  #kept = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many listings are kept, or being made, to be shared. */
  get size(): number {
    return [...this.#byTarget.values()].reduce((sum, nodes) => sum + nodes.size, 0);
  }

  /** Shares no listing of this target that was begun before now: something was done to it. */
  forget(target: Target): void {
    this.#byTarget.delete(target);
  }

  /** Keeps nothing any more, and stops what is being made: no timer is left. */
  close(): void {
    const shared = [...this.#made.keys(), ...[...this.#byTarget.values()].flatMap((nodes) => [...nodes.values()])];
    for (const { stop } of shared) stop.abort();
  }

  readonly look: LookAtNode = async (target, node, call) => {
    const shared = this.#recent(target, keyOf(node, call)) ?? this.#begin(target, node, call);
    shared.waiting += 1;
    try {
      return await Promise.race([shared.listing, hungUp(call.signal)]);
    } finally {
      shared.waiting -= 1;
      if (shared.waiting === 0 && shared.madeAt === Infinity) shared.stop.abort(unwanted);
    }
  };

  #recent(target: Target, key: string): Shared | undefined {
    const shared = this.#byTarget.get(target)?.get(key);
    return shared && !shared.stop.signal.aborted && this.#clock.now() - shared.madeAt < sharedMs ? shared : undefined;
  }

  #begin(target: Target, node: Node, call: Call): Shared {
    const stop = new AbortController();
    const key = keyOf(node, call);
    const listing = lookAtNode(target, node, { ...call, signal: stop.signal });
    const shared: Shared = { listing, stop, madeAt: Infinity, waiting: 0 };
    const nodes = this.#byTarget.get(target) ?? new Map<string, Shared>();
    this.#byTarget.set(target, nodes.set(key, shared));
    const forget = (): void => {
      this.#kept -= this.#made.get(shared) ?? 0;
      this.#made.delete(shared);
      if (nodes.get(key) === shared) nodes.delete(key);
      if (nodes.size === 0 && this.#byTarget.get(target) === nodes) this.#byTarget.delete(target);
    };
    // What failed is not shared with those who come later, and what is too old to be is not kept: it may be large.
    listing
      .then(({ processes }) => {
        shared.madeAt = this.#clock.now();
        this.#keep(shared, processes.length);
        return this.#clock.sleep(sharedMs, stop.signal);
      })
      .then(forget, forget);
    return shared;
  }

  #keep(shared: Shared, count: number): void {
    this.#made.set(shared, count);
    this.#kept += count;
    let over = this.#kept - mostKept;
    for (const [oldest, itsCount] of this.#made) {
      if (over <= 0 || oldest === shared) return;
      over -= itsCount;
      // Nobody waits for it any more: this ends its time.
      oldest.stop.abort(unwanted);
    }
  }
}

/** A listing that tells who blocks whom is another than one that does not. */
function keyOf(node: Node, call: Call): string {
  return `${call.asksLocks === true ? 'locks ' : ''}${node.name ?? ''}`;
}

function hungUp(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const gone = (): void => {
      reject(new Failure('request-timeout', 'The caller hung up.'));
    };
    if (signal.aborted) gone();
    else signal.addEventListener('abort', gone, { once: true });
  });
}
