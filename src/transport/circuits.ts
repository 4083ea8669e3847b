import type { Clock } from '../core/model/clock.js';
import { Circuit, type CircuitChange, type CircuitState } from './circuit.js';
import type { Limits } from './limits.js';

/** A target that nobody asks for so long may not be there any more: nothing is kept of it. */
const longestUnusedMs = 600_000;

interface Kept {
  readonly circuit: Circuit;
  /** How many calls are in it, or wait. */
  users: number;
  usedAt: number;
}

/** The circuits of one connection's service: one of the service, and one of each target that failed lately. */
export class Circuits {
  readonly service: Circuit;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #tell: CircuitChange;
  readonly #targets = new Map<string, Kept>();
  #told: CircuitState = 'closed';

  /** Tells the worst state that any of them is in, whenever that changes. */
  constructor(limits: Limits, clock: Clock, tell: CircuitChange) {
    this.#limits = limits;
    this.#clock = clock;
    this.#tell = tell;
    this.service = this.#make();
  }

  /** Does something with the circuit of a target. */
  async within<T>(target: string, use: (circuit: Circuit) => Promise<T>): Promise<T> {
    this.#forgetUnused();
    const kept = this.#targets.get(target) ?? { circuit: this.#make(), users: 0, usedAt: 0 };
    this.#targets.set(target, kept);
    kept.users += 1;
    try {
      return await use(kept.circuit);
    } finally {
      kept.users -= 1;
      kept.usedAt = this.#clock.now();
      if (kept.users === 0 && kept.circuit.isFresh) this.#targets.delete(target);
    }
  }

  #make(): Circuit {
    return new Circuit(this.#limits, this.#clock, () => {
      this.#tellWorst();
    });
  }

  #forgetUnused(): void {
    const before = this.#clock.now() - longestUnusedMs - this.#limits.openMs;
    for (const [target, { users, usedAt }] of this.#targets) {
      if (users > 0 || usedAt >= before) continue;
      this.#targets.delete(target);
      this.#tellWorst();
    }
  }

  #tellWorst(): void {
    const states = [this.service, ...[...this.#targets.values()].map(({ circuit }) => circuit)].map(
      ({ state }) => state,
    );
    const worst = (['open', 'half-open'] as const).find((state) => states.includes(state)) ?? 'closed';
    if (worst === this.#told) return;
    this.#told = worst;
    this.#tell(worst);
  }
}
