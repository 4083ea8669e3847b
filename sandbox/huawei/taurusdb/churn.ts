import type { Clock } from '../../exchange.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { TAURUSDB } from './seed.ts';
import type { MakeThread, TaurusInstance } from './threads.ts';

/** The user of threads that come and go. */
export const CHURNER = 'churn';

/** Threads of the first node that come and go by themselves, as `churnPerSecond` says. */
export interface Churn {
  /** Lets those come and go whose time has come since. */
  settle(instances: readonly TaurusInstance[], make: MakeThread): void;
  reset(): void;
}

/** The same threads end for the same course of time: chance has a seed. */
export function createChurn(clock: Clock, knobs: HuaweiKnobs): Churn {
  const seed = 20_261_130;
  let chance = seed;
  let settledAt = clock();

  /** A linear congruential generator: enough to choose whom it meets. */
  function below(limit: number): number {
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((chance / 2 ** 32) * limit);
  }

  return {
    settle: (instances, make) => {
      const node = instances.flatMap((instance) => instance.nodes).find(({ id }) => id === TAURUSDB.nodeId);
      const everyMs = 1000 / knobs.churnPerSecond;
      if (!node || knobs.churnPerSecond <= 0) settledAt = clock();
      else {
        for (; settledAt + everyMs <= clock(); settledAt += everyMs) {
          const comers = node.threads.filter(({ user }) => user === CHURNER);
          const leaver = comers[below(comers.length)];
          node.threads = node.threads.filter((thread) => thread !== leaver);
          node.threads.push(make({ user: CHURNER, seconds: 0 }));
        }
      }
    },
    reset: () => {
      chance = seed;
      settledAt = clock();
    },
  };
}
