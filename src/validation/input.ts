import type { FieldError } from '../core/model/failure.js';
import { Refusals } from '../core/model/refusals.js';

/**
 * What a caller sent, as far as it is valid: invalid members are left out and told as errors. So the one that checks
 * the rest can refuse the call once, with everything that is wrong in it.
 */
export abstract class Input {
  // Private, so that no member of what was sent can stand for them.
  #errors: readonly FieldError[] = [];
  #isAbsent = false;

  /** Keeps with an input what is wrong with it, and whether there was any. */
  static readonly judge = (input: Input, errors: readonly FieldError[], isAbsent: boolean): void => {
    input.#errors = errors;
    input.#isAbsent = isAbsent;
  };

  /** Everything that is wrong with the shape of an input. */
  static readonly errorsOf = (input: Input): readonly FieldError[] => input.#errors;

  /** Is it a body that was not sent, or a query without a parameter? */
  static readonly isAbsent = (input: Input): boolean => input.#isAbsent;
}

/** The query of a call that takes none: each parameter in it is an error, since it might have meant something. */
export class NoQuery extends Input {}

/** What the handlers of a call ask of their inputs, and who judges these tells them. */
export const { judge: judgeInput, errorsOf, isAbsent } = Input;

/** Throws Failure `invalid-request` if anything is wrong with the shape of an input. */
export function refuseInvalid(input: Input): void {
  new Refusals(errorsOf(input)).throwIfAny();
}
