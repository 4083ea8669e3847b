import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import type { Limits } from './limits.js';
import { Turns } from './turns.js';

/** The states of a circuit. */
export const circuitStates = ['closed', 'open', 'half-open'] as const;

/** The state of a circuit. */
export type CircuitState = (typeof circuitStates)[number];

/** Tells a change of the circuits of one connection's service. */
export type CircuitChange = (state: CircuitState) => void;

/** How a call may go on: as one of many, or as the one that tries whether the vendor is back. */
export type Passage = 'ordinary' | 'probe';

/** How a call ended: well, in an outage of the vendor, in another answer of it, or so that nothing was learnt of it. */
export type Ending = 'well' | 'outage' | 'answered' | 'nothing-learnt';

/**
 * Opens after failures in a row. After a while one call probes, and the others wait for what it finds: while their time
 * lasts and their callers stay, and no more of them than may wait for a turn. What is urgent goes first.
 */
export class Circuit {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #changed: () => void;
  /** Whoever has the turn probes. */
  readonly #turns: Turns;
  #state: CircuitState = 'closed';
  #failures = 0;
  #openedAt = 0;

  constructor(limits: Limits, clock: Clock, changed: () => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#changed = changed;
    this.#turns = new Turns({ inFlight: 1, queue: limits.queue });
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Is it as good as a new one? */
  get isFresh(): boolean {
    return this.#isClosed() && this.#failures === 0;
  }

  /** Throws Failure unless the call may go on. */
  async enter(call: Call): Promise<Passage> {
    if (this.#isClosed()) return 'ordinary';
    if (this.#isLeftAlone()) throw this.#refusal();
    await this.#turn(call);
    if (!this.#isClosed() && !this.#isLeftAlone()) {
      this.#become('half-open');
      return 'probe';
    }
    this.#turns.pass();
    return this.enter(call);
  }

  /** Takes note of how a call ended that had entered. */
  leave(passage: Passage, ending: Ending): void {
    if (passage === 'probe') this.#probed(ending);
    else if (this.#isClosed()) this.#count(ending);
  }

  #count(ending: Ending): void {
    if (ending === 'well') this.#failures = 0;
    if (ending !== 'outage') return;
    this.#failures += 1;
    if (this.#failures >= this.#limits.failures) this.#open();
  }

  /** Where a probe learnt nothing, the next call probes at once. */
  #probed(ending: Ending): void {
    if (ending === 'outage') this.#open();
    else if (ending === 'nothing-learnt') this.#become('open');
    else this.#close();
    this.#turns.pass();
  }

  async #turn(call: Call): Promise<void> {
    try {
      await this.#turns.take(call, this.#clock);
    } catch {
      throw this.#refusal();
    }
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** A clock that was put back makes it no longer. */
  #isLeftAlone(): boolean {
    const milliseconds = this.#clock.now() - this.#openedAt;
    return this.#state === 'open' && milliseconds >= 0 && milliseconds < this.#limits.openMs;
  }

  #open(): void {
    this.#openedAt = this.#clock.now();
    this.#become('open');
  }

  #close(): void {
    this.#failures = 0;
    this.#become('closed');
  }

  #become(state: CircuitState): void {
    this.#state = state;
    this.#changed();
  }

  #refusal(): Failure {
    return new Failure(
      'upstream-unavailable',
      'The vendor failed several times in a row and is left alone for a moment.',
      { retryAfterMs: this.#limits.openMs },
    );
  }
}
