import type { Caller } from '../model/caller.js';
import type { FailureKind, FieldError } from '../model/failure.js';
import type { Refusals } from '../model/refusals.js';
import { placeIn, type Writing } from '../model/request.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';

/** What Sluice knows by itself, before the first byte to a vendor: it adds to the refusals, and returns who is left. */
export interface Admission {
  readonly targets: Targets;
  readonly caller: Caller;
  readonly refusals: Refusals;
}

/** A target that a call leaves out, since it cannot judge or do what was asked. */
export interface SkippedTarget {
  readonly target: string;
  readonly backend: string;
  readonly why: string;
}

/** The targets that a call may use, and those that it leaves out because its caller asked for that. */
export interface AdmittedTargets {
  readonly targets: readonly Target[];
  readonly skipped: readonly SkippedTarget[];
}

interface Inapplicable {
  readonly target: Target;
  readonly kind: FailureKind;
  readonly error: FieldError;
}

/** An admission, where the call was written, and what becomes of targets that it does not apply to. */
export class Judging implements Admission {
  readonly targets: Targets;
  readonly caller: Caller;
  readonly refusals: Refusals;
  readonly writing: Writing;
  readonly #skips: boolean;
  readonly #found: Inapplicable[] = [];

  constructor({ targets, caller, refusals }: Admission, writing: Writing, skips: boolean) {
    this.targets = targets;
    this.caller = caller;
    this.refusals = refusals;
    this.writing = writing;
    this.#skips = skips;
  }

  /** The call does not apply to a target: it is left out if the caller said so, else all is refused. */
  dismiss(target: Target, kind: FailureKind, error: FieldError): void {
    if (this.#skips) this.#found.push({ target, kind, error });
    else this.refusals.add(kind, error);
  }

  /** A filter that a target cannot judge. */
  dismissFilter(target: Target, parameter: string): void {
    const message = `The target "${target.name}" (${target.backend}) cannot judge ${parameter}.`;
    this.dismiss(target, 'unsupported-filter', { ...placeIn(this.writing, parameter), message });
  }

  /** Was a target left out? */
  isSkipped(target: Target): boolean {
    return this.#found.some((one) => one.target === target);
  }

  /** Who is left of these, and who is not. A call of which nobody is left is refused, for all that was found. */
  settle(admitted: readonly Target[]): AdmittedTargets {
    const targets = admitted.filter((target) => !this.isSkipped(target));
    if (targets.length === 0) for (const { kind, error } of this.#found) this.refusals.add(kind, error);
    const byTarget = Map.groupBy(this.#found, ({ target }) => target);
    const skipped = [...byTarget].map(([{ name, backend }, found]) => {
      return { target: name, backend, why: found.map(({ error }) => error.message).join(' ') };
    });
    return { targets, skipped };
  }
}
