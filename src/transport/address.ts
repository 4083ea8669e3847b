/** Where a request goes, in the two parts that a dispatcher takes. */
export interface Address {
  readonly origin: string;
  readonly path: string;
}

/** What the parser of URLs would leave as it is, behind an origin: no dots that lead elsewhere, nothing to encode. */
const plain = /^([a-z]+:\/\/[^/?#\\]+)((?:\/(?!\.|%2e)[\w~!()*+,;=:@%$&.-]*)+(?:\?[\w~!()*+,;=:@%$&./?-]*)?)$/i;

/** By how they are written: those of the connections, and of nobody else. */
const origins = new Map<string, string>();

/** The parts of a URL, as the parser of URLs gives them. Throws TypeError if it is none. */
export function addressOf(url: string): Address {
  const [, written, path] = plain.exec(url) ?? [];
  if (written === undefined || path === undefined) {
    const { origin, pathname, search } = new URL(url);
    return { origin, path: pathname + search };
  }
  const origin = origins.get(written) ?? new URL(written).origin;
  origins.set(written, origin);
  return { origin, path };
}
