import type { Clock } from '../core/model/clock.js';
import type { Journal } from '../core/record/journal.js';
import type { Pruned, Usage } from '../core/record/retention.js';

const dayMs = 86_400_000;
/** How long between two rounds. */
const roundMs = 60_000;
/** How much is deleted at once, and how long the journal is left to others in between. */
const batch = 200;
const pauseMs = 100;
/** A dry run is kept for as long as its plan may be used, and a while longer to be looked at. */
const dryRunMs = 15 * 60_000;
const megabyte = 1_000_000;

const defaultRetentionDays = 90;

/** What is kept, and how much of it. */
export interface TidyConfig {
  readonly retentionDays?: number;
  readonly maxMegabytes?: number;
}

/** Who is told of each round. */
export interface TidyWatcher {
  /** What kept a round from being finished; the next one tries again. */
  failed(thrown: unknown): void;
  /** How many operations a round has deleted, and why. */
  pruned(operations: number, why: 'age' | 'size'): void;
  /** How much is kept after a round. */
  kept(usage: Usage): void;
}

/** Deletes what is too old or too much, the oldest first and a little at a time, until it is stopped. */
export function keepTidy(
  journal: Journal,
  { retentionDays = defaultRetentionDays, maxMegabytes }: TidyConfig,
  clock: Clock,
  watcher: TidyWatcher,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Deletes batch after batch until there is nothing more, and gives how many operations that were. */
  const repeat = async (prune: () => Promise<Pruned>): Promise<number> => {
    let operations = 0;
    while (!signal.aborted) {
      const pruned = await prune();
      operations += pruned.operations;
      if (pruned.isDone) break;
      await clock.sleep(pauseMs, signal);
    }
    return operations;
  };

  const pruneOld = (): Promise<Pruned> => {
    const now = clock.now();
    return journal.prune({ now, before: now - retentionDays * dayMs, dryRunsBefore: now - dryRunMs }, batch);
  };

  const pruneOldest = async (): Promise<Pruned> => {
    const { bytes } = await journal.usage();
    const tooMuch = bytes - (maxMegabytes ?? Infinity) * megabyte;
    const operations = tooMuch > 0 ? await journal.pruneOldest(tooMuch, batch) : 0;
    return { operations, isDone: operations === 0 };
  };

  const round = async (): Promise<void> => {
    watcher.pruned(await repeat(pruneOld), 'age');
    watcher.pruned(await repeat(pruneOldest), 'size');
    if (!signal.aborted) watcher.kept(await journal.usage());
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await round().catch((thrown: unknown) => {
        watcher.failed(thrown);
      });
      await clock.sleep(roundMs, signal);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
