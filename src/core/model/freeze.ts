import type { Target } from './target.js';

/** A time in which nothing is changed on some targets: those of these names, or those that bear all of these labels. */
export interface Freeze {
  readonly id: string;
  /** Null where labels say which. */
  readonly targets: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly reason: string;
  /** Who asked for it. */
  readonly requestedBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it ends by itself, by the clock of who looks at it. */
  readonly until: number;
  /** What was asked for, where that came under a key, which made its id. */
  readonly fingerprint?: string;
}

/** Is a target one of those that a freeze is about? */
export function covers({ targets, labels }: Pick<Freeze, 'targets' | 'labels'>, target: Target): boolean {
  if (targets !== null) return targets.includes(target.name);
  return Object.entries(labels ?? {}).every(([name, value]) => target.labels[name] === value);
}

/** The freeze that ends last of those that hold on a target; undefined if none does. */
export function freezeOn(freezes: readonly Freeze[], target: Target, now: number): Freeze | undefined {
  return freezes
    .filter((freeze) => freeze.until > now && covers(freeze, target))
    .toSorted((left, right) => right.until - left.until)[0];
}
