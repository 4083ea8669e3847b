import { Failure } from '../../core/model/failure.js';
import type { Usage } from '../../core/record/journal.js';
import type { Target } from '../../core/model/target.js';
import type { StoreConfig } from '../../store/store.config.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** Tells whether the store answers, and what in it is unsettled. */
export function tellStore(metrics: Metrics, log: Logger, targets: () => readonly Target[]) {
  let wasDown = false;
  return {
    available: (isAvailable: boolean, why?: unknown) => {
      metrics.store.available(isAvailable);
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

/** Tells what is kept, what was deleted of it and why, and what kept that from being done. */
export function tellTidying(metrics: Metrics, log: Logger, { maxMegabytes }: StoreConfig, onStoreDown: () => void) {
  metrics.store.limited(maxMegabytes);
  return {
    failed: (thrown: unknown) => {
      if (isStoreDown(thrown)) onStoreDown();
      else log.warn({ err: thrown }, 'what is too old could not be deleted: it is tried again');
    },
    pruned: (operations: number, why: 'age' | 'size') => {
      metrics.store.pruned(operations, why);
      if (operations > 0 && why === 'size') {
        log.warn(
          { operations },
          'the oldest operations were deleted, since the store was larger than store.maxMegabytes',
        );
      }
    },
    kept: (usage: Usage) => {
      metrics.store.kept(usage);
    },
  };
}

/** Is it only that the store does not answer? That is told once, not by everyone who needs it. */
export function isStoreDown(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.kind === 'store-unavailable';
}
