import type { Measured } from '../../transport/measure.js';

/** How a target did when it was last asked something. */
export interface TargetHealth {
  readonly state: 'ok' | 'failing' | 'unknown';
  /** When it was asked; null if it never was. */
  readonly checkedAt: string | null;
  /** The kind of its failure. */
  readonly code: string | null;
}

/** Outcomes that say nothing about the target's health: they are the caller's, or our own. */
const silent: ReadonlySet<Measured['outcome']> = new Set([
  'request-timeout',
  'overloaded',
  'upstream-conflict',
  'upstream-throttled',
]);

/** Remembers what traffic showed of each target. Nobody is asked for it. */
export class HealthBoard {
  /** When each was last asked, in milliseconds since the epoch, and the kind of its failure. */
  readonly #byTarget = new Map<string, { readonly at: number; readonly code: string | null }>();

  /** A call that was under way when another one failed does not make the target well again by its success. */
  see({ target, outcome, at, seconds }: Measured): void {
    if (target === null || silent.has(outcome)) return;
    const last = this.#byTarget.get(target);
    // A call that an installation does not know is answered well enough.
    const isWell = outcome === 'ok' || outcome === 'unsupported-operation';
    if (isWell && last && last.code !== null && at - seconds * 1000 < last.at) return;
    this.#byTarget.set(target, { at, code: isWell ? null : outcome });
  }

  /** Forgets what is configured no longer. */
  keepOnly(targets: ReadonlySet<string>): void {
    for (const name of this.#byTarget.keys()) if (!targets.has(name)) this.#byTarget.delete(name);
  }

  of(target: string): TargetHealth {
    const seen = this.#byTarget.get(target);
    if (!seen) return { state: 'unknown', checkedAt: null, code: null };
    const { at, code } = seen;
    return { state: code === null ? 'ok' : 'failing', checkedAt: new Date(at).toISOString(), code };
  }
}
