/** How many rows to ask for: as many as a page can have, and fewer for those rows of which an answer was too large. */
export class PageSizes {
  readonly largest: number;
  /** From the largest on. */
  readonly #sizes: readonly number[];
  /** From which offset on a size may be asked for. */
  readonly #from = new Map<number, number>();

  constructor(sizes: readonly [number, ...number[]]) {
    this.#sizes = sizes;
    this.largest = sizes[0];
  }

  /** The largest that is not known to be too large there. */
  at(offset: number): number {
    return this.#sizes.find((size) => offset >= (this.#from.get(size) ?? 0)) ?? this.largest;
  }

  /** So many rows from there on are too large together. Tells whether fewer can be asked for. */
  tooLarge(offset: number, size: number): boolean {
    this.#from.set(size, offset + size);
    return size !== this.#sizes.at(-1);
  }
}
