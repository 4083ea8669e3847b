/**
 * What whole looks at one target said so far: absence counts once two of them, one after the other, agree. A look that
 * is not whole says nothing; one that shows somebody begins anew.
 */
export class Twice {
  readonly #lacked = new Map<string, Set<string>>();
  readonly #masses = new Set<string>();

  /** Of those that are gone now, those that were gone at the last whole look, too. */
  agreed<Item extends { readonly id: string }>(
    node: string | null,
    items: readonly Item[],
    gone: readonly Item[],
    there: ReadonlySet<string>,
  ): readonly Item[] {
    const lacked = this.#lacked.get(keyOf(node)) ?? new Set();
    this.#lacked.set(keyOf(node), lacked);
    for (const { id } of items) if (there.has(id)) lacked.delete(id);
    const twice = gone.filter(({ id }) => lacked.has(id));
    for (const { id } of gone) lacked.add(id);
    return twice;
  }

  /** Did the look before this one show the effect of the vendor's mass call, too? */
  agreedOnMass(node: string | null, had: boolean): boolean {
    const before = this.#masses.has(keyOf(node));
    if (had) this.#masses.add(keyOf(node));
    else this.#masses.delete(keyOf(node));
    return had && before;
  }
}

const keyOf = (node: string | null): string => node ?? '';
