import type { Clock } from '../core/model/clock.js';
import type { Journal } from '../core/record/journal.js';

const dayMs = 86_400_000;
/** How long between two rounds. */
const roundMs = 60_000;
/** How much is deleted at once, and how long the journal is left to others in between. */
const batch = 200;
const pauseMs = 100;

const defaultRetentionDays = 90;

/** Deletes what is too old, a little at a time, until it is stopped. */
export function keepTidy(
  journal: Journal,
  { retentionDays = defaultRetentionDays }: { readonly retentionDays?: number },
  clock: Clock,
  /** Told of what kept a round from being finished; the next one tries again. */
  onError: (thrown: unknown) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const round = async (): Promise<void> => {
    let deleted = batch;
    while (deleted >= batch && !signal.aborted) {
      const now = clock.now();
      deleted = await journal.prune(now - retentionDays * dayMs, now, batch);
      if (deleted >= batch) await clock.sleep(pauseMs, signal);
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await round().catch(onError);
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
