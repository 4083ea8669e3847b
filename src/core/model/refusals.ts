import { Failure, type FailureKind, type Fault } from './failure.js';

/** Which kind speaks for a call that is refused for several reasons: what is malformed first, then what is not there. */
const precedence: readonly FailureKind[] = [
  'invalid-request',
  'selection-required',
  'unknown-target',
  'forbidden',
  'unsupported-operation',
  'unsupported-filter',
];

/** A call can be wrong in more places than anybody reads. */
const mostTold = 1000;

/** Gathers everything that is wrong with a call, so that it is refused once, whole, with every place named. */
export class Refusals {
  readonly #found: { readonly kind: FailureKind; readonly fault: Fault }[] = [];

  constructor(faults: readonly Fault[] = []) {
    for (const fault of faults) this.add('invalid-request', fault);
  }

  has(kind: FailureKind): boolean {
    return this.#found.some((refusal) => refusal.kind === kind);
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  add(kind: FailureKind, fault: Fault): void {
    this.#found.push({ kind, fault });
  }

  /** Throws one Failure for all that was gathered; does nothing if that is nothing. */
  throwIfAny(): void {
    const leading = precedence.find((kind) => this.has(kind)) ?? this.#found[0]?.kind;
    const [first] = this.#found.filter((refusal) => refusal.kind === leading);
    if (!first) return;
    const others = this.#found.length - 1;
    const more = others === 0 ? '' : ` (and ${String(others)} more: see errors)`;
    throw new Failure(first.kind, `${first.fault.message}${more}`, {
      errors: this.#found.slice(0, mostTold).map(({ fault }) => fault),
    });
  }
}
