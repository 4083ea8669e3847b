/** Vendors' messages are shown cut to so many characters. */
const longestMessage = 500;
/** Of a long secret, its beginning alone is withheld, too: vendors cut what they repeat. */
const longSecret = 24;
const beginning = 12;

/**
 * Makes a vendor's message fit to be shown: without our credentials in any spelling, without the canonical request that a
 * signature error repeats, without control characters, and cut.
 */
export function vendorWords(message: string, secrets: readonly string[]): string {
  if (message === '') return '';
  const spelled = [...new Set(secrets.flatMap(spellingsOf))].toSorted((left, right) => right.length - left.length);
  const whole = spelled.reduce((text, spelling) => text.replaceAll(spelling, '[secret]'), message);
  const clean = spelled
    .reduce(withholdBeginning, whole)
    .replace(/\b(pswd|sid|password|token|signature)=[^\s&"'<>,;]+/gi, '$1=[secret]')
    .replace(/canonicalRequest:.*/s, 'canonicalRequest:[removed]')
    .replace(/\p{Cc}+/gu, ' ');
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage - 1)}…` : clean;
}

/** Of how many secrets the spellings are kept: those of every connection, which all of its answers are searched for. */
const mostKept = 64;
const kept = new Map<string, readonly string[]>();

function spellingsOf(secret: string): readonly string[] {
  const known = kept.get(secret);
  if (known) return known;
  const spellings = spell(secret);
  const [oldest] = kept.keys();
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
  kept.set(secret, spellings);
  return spellings;
}

/** As it is, and as it stands in a JSON string, in a JSON string within another, in an address, in a form, in base64. */
function spell(secret: string): readonly string[] {
  if (secret === '') return [];
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inAddress = encodeURIComponent(secret);
  return [
    secret,
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    inAddress,
    inAddress.replaceAll('%20', '+'),
    inAddress.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    ...base64s(secret),
  ];
}

/** Whatever stood before it when it was encoded: the characters that depend on the secret alone. */
function base64s(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const whole = Array.from([...new Uint8Array(before), ...bytes], (byte) => String.fromCharCode(byte));
    const spelling = btoa(whole.join('')).slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
    return spelling.length < 4 ? [] : [spelling, spelling.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function withholdBeginning(text: string, secret: string): string {
  if (secret.length < longSecret) return text;
  const head = secret.slice(0, beginning);
  let rest = text;
  let clean = '';
  for (let at = rest.indexOf(head); at !== -1; at = rest.indexOf(head)) {
    let length = head.length;
    while (length < secret.length && rest[at + length] === secret[length]) length += 1;
    clean += `${rest.slice(0, at)}[secret]`;
    rest = rest.slice(at + length);
  }
  return clean + rest;
}
