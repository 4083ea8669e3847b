import type { Fault } from '../core/model/failure.js';
import { Refusals } from '../core/model/refusals.js';
import { Slot } from '../core/model/slot.js';

const faults = new Slot<readonly Fault[]>();

/**
 * What a caller sent, as far as it makes sense: members that are wrong are left out, and told as faults. So whoever checks
 * the rest can refuse the call once, with everything that is wrong in it.
 */
export abstract class Draft {
  /** A draft is told apart from any other object by this. */
  declare protected readonly draft?: never;
}

/** The query of a call that takes none: whatever stands there is a fault, and might have meant something. */
export class NoQuery extends Draft {}

export function keepFaults(draft: object, found: readonly Fault[]): void {
  faults.set(draft, found);
}

/** Everything that was wrong with the shape of a draft. */
export function faultsOf(draft: object): readonly Fault[] {
  return faults.get(draft) ?? [];
}

/** Throws Failure `invalid-request` if anything was wrong with the shape of a draft. */
export function refuseFaulty(draft: object): void {
  new Refusals(faultsOf(draft)).throwIfAny();
}

const absent = new Slot<true>();

/** Marks the draft of a body that was not sent, or of a query without a parameter. */
export function markAbsent(draft: object): void {
  absent.set(draft, true);
}

export function isAbsent(draft: object): boolean {
  return absent.get(draft) ?? false;
}
