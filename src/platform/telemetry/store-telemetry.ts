import { Failure } from '../../core/model/failure.js';
import type { Target } from '../../core/model/target.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** Tells whether the store answers, and what in it is unsettled. */
export function tellStore(metrics: Metrics, log: Logger, targets: () => readonly Target[]) {
  let wasDown = false;
  return {
    available: (isAvailable: boolean, why?: unknown) => {
      metrics.storeAvailable(isAvailable);
      if (!isAvailable)
        log.error({ err: why }, 'the store of operations does not answer: nothing is changed until then');
      else if (wasDown) log.info('the store of operations answers again');
      wasDown = !isAvailable;
    },
    unsettled: (counts: ReadonlyMap<string, number>) => {
      metrics.unsettled(counts, targets());
    },
  };
}

/** Is it only that the store does not answer? That is told once, not by everyone who needs it. */
export function isStoreDown(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.kind === 'store-unavailable';
}
