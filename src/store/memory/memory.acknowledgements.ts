import type { Acknowledgement } from '../../core/model/operation.js';
import type { Acknowledgements } from '../../core/record/acknowledgements.js';

/** Acknowledgements, in memory. */
export class MemoryAcknowledgements implements Acknowledgements {
  readonly #found = new Map<string, Acknowledgement>();

  acknowledge(operation: string, found: Acknowledgement): Promise<Acknowledgement> {
    const first = this.#found.get(operation) ?? found;
    this.#found.set(operation, first);
    return Promise.resolve(first);
  }

  of(operations: readonly string[]): Promise<ReadonlyMap<string, Acknowledgement>> {
    return Promise.resolve(
      new Map(
        operations.flatMap((id) => {
          const found = this.#found.get(id);
          return found ? [[id, found] as const] : [];
        }),
      ),
    );
  }

  has(operation: string): boolean {
    return this.#found.has(operation);
  }

  forget(operation: string): void {
    this.#found.delete(operation);
  }
}
