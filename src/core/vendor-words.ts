/** Vendors' messages are shown cut to so many characters. */
const longestMessage = 500;

/**
 * Makes a vendor's message fit to be shown: without our credentials in any spelling, without the canonical request that a
 * signature error repeats, without control characters, and cut.
 */
export function vendorWords(message: string, secrets: readonly string[]): string {
  const spelled = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), base64(secret)])
    .filter((spelling) => spelling.length > 0)
    .toSorted((left, right) => right.length - left.length);
  const clean = spelled
    .reduce((text, spelling) => text.replaceAll(spelling, '[secret]'), message)
    .replace(/canonicalRequest:.*/s, 'canonicalRequest:[removed]')
    .replace(/\p{Cc}+/gu, ' ');
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage - 1)}…` : clean;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
