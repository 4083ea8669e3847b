import type { Operation } from '../model/operation.js';

/** A record without what may be long: items are counted only, and calls and the ids of a drain are left out. */
export function summaryOf(operation: Operation): Operation {
  const { victims, protected: spared, calls, ...record } = operation;
  return {
    ...record,
    targets: operation.targets.map((target) => ({
      ...target,
      items: [],
      itemsOmitted: target.itemsOmitted + target.items.length,
      calls: [],
      drain: target.drain && { ...target.drain, ids: [] },
    })),
  };
}
