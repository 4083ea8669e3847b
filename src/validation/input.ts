import type { FieldError } from '../core/model/failure.js';
import { Refusals } from '../core/model/refusals.js';

let keep: (input: Input, errors: readonly FieldError[], isAbsent: boolean) => void;

/**
 * What a caller sent, as far as it is valid: invalid members are left out and told as errors. So the one that checks
 * the rest can refuse the call once, with everything that is wrong in it.
 */
export abstract class Input {
  // Private, so that no member of what was sent can stand for them.
  #errors: readonly FieldError[] = [];
  #isAbsent = false;

  static {
    keep = (input, errors, isAbsent) => {
      input.#errors = errors;
      input.#isAbsent = isAbsent;
    };
  }

  /** Everything that is wrong with the shape of an input. */
  static errorsOf(input: Input): readonly FieldError[] {
    return input.#errors;
  }

  /** Is it a body that was not sent, or a query without a parameter? */
  static isAbsent(input: Input): boolean {
    return input.#isAbsent;
  }
}

/** The query of a call that takes none: each parameter in it is an error, since it might have meant something. */
export class NoQuery extends Input {}

/** Keeps with an input what is wrong with it, and whether there was any. */
export function judgeInput(input: Input, errors: readonly FieldError[], isAbsent: boolean): void {
  keep(input, errors, isAbsent);
}

/** Everything that is wrong with the shape of an input. */
export function errorsOf(input: Input): readonly FieldError[] {
  return Input.errorsOf(input);
}

/** Throws Failure `invalid-request` if anything is wrong with the shape of an input. */
export function refuseInvalid(input: Input): void {
  new Refusals(errorsOf(input)).throwIfAny();
}

/** Is it a body that was not sent, or a query without a parameter? */
export function isAbsent(input: Input): boolean {
  return Input.isAbsent(input);
}
