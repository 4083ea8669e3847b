/**
 * Something kept with an object for as long as the object lives, where neither a copy nor a JSON of it shows. A WeakMap
 * promises the same, but the garbage collector takes what a WeakMap holds for alive until it next goes through the
 * whole heap: with each request it would keep all that hangs on it.
 */
export class Slot<Value> {
  readonly #key = Symbol('slot');

  get(owner: object): Value | undefined {
    return (owner as { readonly [key: symbol]: Value | undefined })[this.#key];
  }

  set(owner: object, value: Value): void {
    Object.defineProperty(owner, this.#key, { value, configurable: true });
  }
}
