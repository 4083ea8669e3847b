import type { WrittenListener } from '../../core/record/written.js';

/** So many characters of JSON each, on average: larger ones leave room for fewer. */
const charactersEach = 2048;

/** The ids of operations that are over, in the order in which they were, and how many characters they take. */
export class Over {
  readonly #sizes = new Map<string, number>();
  /** Goes through those, and never to the end: the newest stays. */
  readonly #oldest = this.#sizes.keys();
  readonly #most: number;
  readonly #onWritten: WrittenListener;
  #characters = 0;

  constructor(most: number, onWritten: WrittenListener = () => undefined) {
    this.#most = most;
    this.#onWritten = onWritten;
  }

  get characters(): number {
    return this.#characters;
  }

  get ids(): readonly string[] {
    return [...this.#sizes.keys()];
  }

  /** Takes an operation of this caller. */
  add(id: string, size: number, by: string): void {
    this.#onWritten(by, size);
    this.#sizes.set(id, size);
    this.#characters += size;
  }

  delete(id: string): void {
    this.#characters -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }

  /** The oldest, while there are too many or they are too large: the newest stays, however large it is. */
  tooMuch(): string | undefined {
    const isFull = this.#sizes.size > this.#most || this.#characters > this.#most * charactersEach;
    return isFull && this.#sizes.size > 1 ? this.#oldest.next().value : undefined;
  }
}
