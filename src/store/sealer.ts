import type { Clock } from '../core/model/clock.js';
import type { MadeSeal, Seals } from '../core/record/seals.js';

/** How often what was closed since is sealed. */
const roundMs = 60_000;
/** A seal that is younger was made by another replica for this round. */
const freshMs = 50_000;
/** How many operations go into one seal: fewer after a seal that took too long. */
const most = 500;

/** Who is told what was sealed. */
export interface SealWatcher {
  sealed(seal: MadeSeal): void;
  /** All that was over by then is sealed, in milliseconds since the epoch; so many are not, which ended later. */
  kept(upTo: number, waiting: number): void;
  /** What kept a round from being finished; the next one tries again. */
  failed(thrown: unknown): void;
}

/** Seals what is over, every minute and once more when it is stopped: on all replicas together, one chain of seals. */
export function keepSealing(seals: Seals, clock: Clock, watcher: SealWatcher): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let limit = most;

  const sealAll = async (): Promise<void> => {
    for (;;) {
      const sealing = await seals.sealNext(clock.now(), limit);
      limit = Math.min(most, limit * 2);
      if (sealing.is === 'sealed') watcher.sealed(sealing.seal);
      else {
        if (sealing.is === 'done') watcher.kept(sealing.at, 0);
        return;
      }
    }
  };

  const round = async (): Promise<void> => {
    const { at, now } = await seals.last(clock.now());
    if (at === null || at <= now - freshMs) await sealAll();
    else watcher.kept(at, await seals.waiting());
  };

  const failed = (thrown: unknown): void => {
    limit = Math.max(1, Math.floor(limit / 4));
    watcher.failed(thrown);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await round().catch(failed);
      await clock.sleep(roundMs, signal);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      await sealAll().catch(failed);
    },
  };
}
