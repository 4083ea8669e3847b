/** A value that must not be shown. However it is printed or serialised, it says nothing. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for the bytes that go to the vendor, and for nothing else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a secret's file, without the white space around it. Null where it is not plain text in UTF-8: what
 * another encoding makes of a password is refused by the vendor, which may count that towards a lock.
 */
export function secretText(bytes: Uint8Array): string | null {
  try {
    const text = utf8.decode(bytes).trim();
    // eslint-disable-next-line no-control-regex -- UTF-16 without a mark is UTF-8 with a NUL in every other place.
    return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
