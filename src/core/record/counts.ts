import type { Counts, ItemOutcome } from '../model/operation.js';

/** Nothing was counted: all are 0. */
export const noCounts: Counts = countsOf(() => 0);

/** Nothing can be counted. */
export const unknownCounts: Counts = countsOf(() => null);

/** Some counts set, the others zero. */
export function counts(known: Partial<Counts>): Counts {
  return { ...noCounts, ...known };
}

/** Counts processes by their outcome, those without one left out. */
export function countItems(outcomes: readonly (ItemOutcome | null)[]): Counts {
  const found: Record<ItemOutcome, number> = { ended: 0, notFound: 0, skipped: 0, failed: 0, unknown: 0, wouldEnd: 0 };
  for (const outcome of outcomes) if (outcome !== null) found[outcome] += 1;
  return counts(found);
}

/** Adds the counts of one target's parts. What one part cannot tell, the target cannot tell. */
export function addWithin(parts: readonly Counts[]): Counts {
  return countsOf((name) =>
    parts.reduce<number | null>((sum, part) => (sum === null || part[name] === null ? null : sum + part[name]), 0),
  );
}

/** Adds the counts of several targets: what is known is told, but a zero never hides an unknown. */
export function addAcross(targets: readonly Counts[]): Counts {
  return countsOf((name) => {
    const known = targets.map((target) => target[name]).filter((count) => count !== null);
    const sum = known.reduce((left, right) => left + right, 0);
    return sum === 0 && known.length < targets.length ? null : sum;
  });
}

function countsOf(count: (name: keyof Counts) => number | null): Counts {
  return {
    ended: count('ended'),
    deferred: count('deferred'),
    notFound: count('notFound'),
    skipped: count('skipped'),
    failed: count('failed'),
    unknown: count('unknown'),
    wouldEnd: count('wouldEnd'),
  };
}
