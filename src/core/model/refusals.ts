import { Failure, type FailureKind, type FieldError } from './failure.js';

/**
 * Which kind speaks for a call that is refused for several reasons: what is malformed first, then what is not there.
 */
const precedence: readonly FailureKind[] = [
  'invalid-request',
  'selection-required',
  'unknown-target',
  'forbidden',
  'unsupported-operation',
  'unsupported-filter',
  'reason-required',
];

/** A call can be wrong in more places than anybody reads. */
const mostTold = 1000;

/** Gathers everything that is wrong with a call, so that it is refused once, whole, with every place named. */
export class Refusals {
  readonly #found: { readonly kind: FailureKind; readonly error: FieldError }[] = [];

  constructor(errors: readonly FieldError[] = []) {
    for (const error of errors) this.add('invalid-request', error);
  }

  has(kind: FailureKind): boolean {
    return this.#found.some((refusal) => refusal.kind === kind);
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  add(kind: FailureKind, error: FieldError): void {
    this.#found.push({ kind, error });
  }

  /** Throws one Failure for all that was gathered; does nothing if that is nothing. */
  throwIfAny(): void {
    const leading = precedence.find((kind) => this.has(kind)) ?? this.#found[0]?.kind;
    const [first] = this.#found.filter((refusal) => refusal.kind === leading);
    if (!first) return;
    const others = this.#found.length - 1;
    const more = others === 0 ? '' : ` (and ${String(others)} more: see errors)`;
    throw new Failure(first.kind, `${first.error.message}${more}`, {
      errors: this.#found.slice(0, mostTold).map(({ error }) => error),
    });
  }
}
