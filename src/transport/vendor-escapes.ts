/** What is encoded more often than this, nobody encoded by mistake. */
const mostRounds = 8;

const named: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', excl: '!', num: '#', dollar: '$', percnt: '%' },
  ...{ lpar: '(', rpar: ')', ast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':', semi: ';' },
  ...{ equals: '=', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']', hat: '^' },
  ...{ lowbar: '_', grave: '`', lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}', dash: '-' },
};

/**
 * A text without HTML entities, percent-encoding and the escapes of JSON, however deep they are: a plus, which may
 * stand for a space, is one. Null where that has no end.
 */
export function unescaped(text: string): string | null {
  if (!/[&%\\+]/.test(text)) return text;
  let plain = text;
  for (let round = 0; round < mostRounds; round += 1) {
    const next = withoutBackslashes(withoutPercents(withoutEntities(plain)));
    if (next === plain) return plain.replaceAll('+', ' ');
    plain = next;
  }
  return null;
}

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,7}));?/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return named[name.toLowerCase()] ?? whole;
    return characterOf(typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal)) ?? whole;
  });
}

function withoutPercents(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    const decoded = bytes.toString('utf8');
    return decoded.includes('\ufffd') ? bytes.toString('latin1') : decoded;
  });
}

function withoutBackslashes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:u([\da-f]{4})|u\{([\da-f]{1,6})\}|x([\da-f]{2})|(["'\\/]))/gi, (whole, ...found) => {
    const [four, braced, two, character] = found.map((part) => (typeof part === 'string' ? part : undefined));
    if (character !== undefined) return character;
    const code = Number.parseInt(four ?? braced ?? two ?? '', 16);
    return code < 0x10_000 ? String.fromCharCode(code) : (characterOf(code) ?? whole);
  });
}

function characterOf(code: number): string | undefined {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined;
}
