import { leftOf, windowMs, type Kills } from '../budget.js';

interface OwnKills extends Kills {
  readonly operation: string;
}

/** The kills of the last minute by target, in memory. */
export class MemoryKills {
  readonly #kills = new Map<string, readonly OwnKills[]>();

  count(target: string, now: number): number {
    return this.#of(target, now).reduce((sum, { count }) => sum + count, 0);
  }

  /** What is left of a budget. */
  left(target: string, asked: number, perMinute: number, now: number): ReturnType<typeof leftOf> {
    return leftOf(this.#of(target, now), asked, perMinute, now);
  }

  spend(operation: string, target: string, count: number, at: number): void {
    this.#kills.set(target, [...this.#of(target, at), { at, count, operation }]);
  }

  /** Gives back what an operation took beyond these. */
  giveBack(operation: string, target: string, used: number): void {
    const after = (this.#kills.get(target) ?? []).map((kills) =>
      kills.operation === operation ? { ...kills, count: Math.min(kills.count, used) } : kills,
    );
    this.#kills.set(target, after);
  }

  /** Forgets those that count no longer. */
  prune(now: number): void {
    for (const target of this.#kills.keys()) {
      const kills = this.#of(target, now);
      if (kills.length > 0) this.#kills.set(target, kills);
      else this.#kills.delete(target);
    }
  }

  #of(target: string, now: number): readonly OwnKills[] {
    return (this.#kills.get(target) ?? []).filter(({ at }) => at > now - windowMs);
  }
}
