import type { Claim, Held } from '../../core/record/journal.js';

/** The claims of a journal in memory, those of operations that it has let go included: so many of these, the newest. */
export class MemoryClaims {
  readonly #claims = new Map<string, Held>();
  /** The keys of those whose operations are gone, in the order in which these went. */
  readonly #orphans = new Set<string>();
  /** Goes through those, and never to the end: the newest stays. */
  readonly #oldest = this.#orphans.values();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  held(scope: Claim['scope'], name: string, now: number): Held | undefined {
    const held = this.#claims.get(keyOf({ scope, name }));
    return held && held.expiresAt > now ? held : undefined;
  }

  take(claims: readonly Claim[], operation: string): void {
    for (const claim of claims) {
      const key = keyOf(claim);
      this.#orphans.delete(key);
      this.#claims.set(key, { ...claim, operation });
    }
  }

  giveBack(claims: readonly Claim[], operation: string): void {
    for (const claim of claims) {
      const key = keyOf(claim);
      if (this.#claims.get(key)?.operation === operation) this.#delete(key);
    }
  }

  /** The operation has ended: what a request without a key claimed is known until then. */
  letGo(claims: readonly Claim[], operation: string, until: number): void {
    for (const claim of claims.filter(({ scope }) => scope === 'request')) {
      const key = keyOf(claim);
      const held = this.#claims.get(key);
      if (held?.operation === operation && held.expiresAt > until) this.#claims.set(key, { ...held, expiresAt: until });
    }
  }

  /** The operation is gone, its claims are not: what it did must not be done again. */
  orphan(claims: readonly Claim[], operation: string): void {
    for (const claim of claims) {
      const key = keyOf(claim);
      if (this.#claims.get(key)?.operation === operation) this.#orphans.add(key);
    }
    while (this.#orphans.size > this.#kept) {
      const { value } = this.#oldest.next();
      if (value === undefined) return;
      this.#delete(value);
    }
  }

  /** Deletes at most so many of those that count no longer, and gives how many there were. */
  prune(isDead: (held: Held) => boolean, limit: number): number {
    const dead = [...this.#claims].filter(([, held]) => isDead(held));
    for (const [key] of dead.slice(0, limit)) this.#delete(key);
    return dead.length;
  }

  #delete(key: string): void {
    this.#claims.delete(key);
    this.#orphans.delete(key);
  }
}

function keyOf({ scope, name }: Pick<Claim, 'scope' | 'name'>): string {
  return `${scope} ${name}`;
}
