import { Failure } from '../../core/model/failure.js';
import type { Clock } from '../../core/model/clock.js';
import { sentenceOf, type StoreTrouble } from '../../core/record/store-trouble.js';
import type { MadeSeal } from '../../core/record/seals.js';
import type { Usage } from '../../core/record/retention.js';
import type { Target } from '../../core/model/target.js';
import type { StoreConfig } from '../../store/store.config.js';
import type { Audit } from './audit.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** How long between two lines of a store that cannot be written. */
const quietMs = 60_000;

/** Tells whether the store can be written, and what in it is unsettled. */
export function tellStore(metrics: Metrics, log: Logger, clock: Clock, targets: () => readonly Target[]) {
  let toldAt = -Infinity;
  let isTold = false;
  return {
    available: () => {
      metrics.store.available(true);
      if (isTold) log.info('the store of operations can be written again');
      isTold = false;
    },
    unavailable: (trouble: StoreTrouble | null, thrown: unknown) => {
      metrics.store.available(false);
      if (clock.now() < toldAt + quietMs) return;
      toldAt = clock.now();
      isTold = true;
      const said = trouble ? { ...trouble, detail: sentenceOf(trouble) } : { err: thrown };
      log.error(said, 'the store of operations cannot be written: nothing is changed until it can be');
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

/** Tells what was sealed of the record, and what kept that from being done. */
export function tellSealing(metrics: Metrics, audit: Audit, log: Logger, clock: Clock, onStoreDown: () => void) {
  const { seals } = metrics.store;
  // Nothing is late before it could be sealed for the first time.
  seals.kept(clock.now(), 0);
  return {
    sealed: (seal: MadeSeal) => {
      seals.made();
      audit.sealed(seal);
    },
    kept: (upTo: number, waiting: number) => {
      seals.kept(upTo, waiting);
    },
    failed: (thrown: unknown) => {
      if (isStoreDown(thrown)) onStoreDown();
      else log.warn({ err: thrown }, 'what is over could not be sealed: it is tried again');
    },
  };
}

/** Is it only that the store does not answer? That is told once, not by everyone who needs it. */
export function isStoreDown(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.kind === 'store-unavailable';
}
