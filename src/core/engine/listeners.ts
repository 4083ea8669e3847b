import type { Freeze } from '../model/freeze.js';
import type { AdmittedCall } from '../choose/admitted.js';
import type { Failure } from '../model/failure.js';
import type { ApprovalDecision } from '../model/approval.js';
import type { Operation } from '../model/operation.js';
import type { Target } from '../model/target.js';

/** A brake was put on or taken off: by whom, and by which request. */
export type BrakeTold = { readonly by: string; readonly requestId: string } & (
  | { readonly is: 'frozen' | 'unfrozen'; readonly freeze: Freeze }
  | { readonly is: 'cancelled'; readonly operation: string; readonly reason: string | null }
);

/** Somebody must approve an operation, something was decided of one that waited, or somebody did without. */
export interface ApprovalTold {
  readonly is: 'requested' | 'breakGlass' | ApprovalDecision['is'];
  readonly operation: Operation;
  /** Null where time alone decided. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly requestId: string;
}

/** An admitted call was refused before there was an operation of it. */
export interface RefusalTold {
  readonly call: AdmittedCall;
  readonly requestId: string;
  readonly failure: Failure;
}

/** Those that are told what becomes of operations. */
export class Listeners {
  readonly #end: ((operation: Operation) => void)[] = [];
  readonly #change: ((operation: Operation) => void)[] = [];
  readonly #touch: ((target: Target) => void)[] = [];
  readonly #brake: ((told: BrakeTold) => void)[] = [];
  readonly #approval: ((told: ApprovalTold) => void)[] = [];
  readonly #refusal: ((told: RefusalTold) => void)[] = [];
  readonly #error: ((id: string | null, thrown: unknown) => void)[] = [];

  /** Calls the listener with every operation that ends here, dry runs included. */
  onEnd(listener: (operation: Operation) => void): void {
    this.#end.push(listener);
  }

  /** Calls the listener with every operation of which more became known here after it had ended. */
  onChange(listener: (operation: Operation) => void): void {
    this.#change.push(listener);
  }

  /** Calls the listener with every target whose part of an operation is over: what was seen of it before is history. */
  onTouched(listener: (target: Target) => void): void {
    this.#touch.push(listener);
  }

  /**
   * Calls the listener with what kept a record from being completed, or operations from being kept or taken over (then
   * there is no id): a defect, or a store that cannot be written.
   */
  onError(listener: (id: string | null, thrown: unknown) => void): void {
    this.#error.push(listener);
  }

  /**
   * Calls the listener with every freeze that was begun or ended here, and with every cancel that was asked for here.
   */
  onBrake(listener: (told: BrakeTold) => void): void {
    this.#brake.push(listener);
  }

  /** Calls the listener with every approval that was asked for or decided here. */
  onApproval(listener: (told: ApprovalTold) => void): void {
    this.#approval.push(listener);
  }

  /** Calls the listener with every admitted call that was refused here before there was an operation of it. */
  onRefusal(listener: (told: RefusalTold) => void): void {
    this.#refusal.push(listener);
  }

  tellRefusal(told: RefusalTold): void {
    this.#tell(this.#refusal, told, null);
  }

  tellApproval(told: ApprovalTold): void {
    this.#tell(this.#approval, told, told.operation.id);
  }

  tellBrake(told: BrakeTold): void {
    this.#tell(this.#brake, told, null);
  }

  tellEnd(operation: Operation): void {
    this.#tell(this.#end, operation, operation.id);
  }

  tellChange(operation: Operation): void {
    this.#tell(this.#change, operation, operation.id);
  }

  tellTouched(target: Target, id: string): void {
    this.#tell(this.#touch, target, id);
  }

  tellError(id: string | null, thrown: unknown): void {
    for (const listener of this.#error) listener(id, thrown);
  }

  /** A listener that throws does not keep an operation from its end. */
  #tell<Value>(listeners: readonly ((value: Value) => void)[], value: Value, id: string | null): void {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (thrown) {
        this.tellError(id, thrown);
      }
    }
  }
}
