/**
 * One value of a text filter: `*` stands for any run of characters, a leading `!` excludes, `\` escapes both and
 * itself.
 */
export interface Pattern {
  /** As it was written. */
  readonly text: string;
  readonly excludes: boolean;
  /** The one value that it matches, if it has no `*` of its own; null for a glob. */
  readonly literal: string | null;
  /** True if the pattern says something about what it matches; `*` and `*.*` do not. */
  readonly restricts: boolean;
  matches(value: string): boolean;
}

/** Reads a filter value. Returns null if nothing is left of it, as with `!` alone. */
export function parsePattern(text: string): Pattern | null {
  const excludes = text.startsWith('!');
  const pieces = splitAtStars(excludes ? text.slice(1) : text);
  if (pieces.length === 1 && pieces[0] === '') return null;
  return {
    text,
    excludes,
    literal: pieces.length === 1 ? (pieces[0] ?? null) : null,
    restricts: pieces.length === 1 || pieces.some((piece) => /[\p{L}\p{N}]/u.test(piece)),
    matches: (value) => matchesPieces(value, pieces),
  };
}

/** What a pattern matches, in words that need no escapes: globs as they are, and what is taken literally in quotes. */
export function tellPattern({ text, excludes }: Pattern): string {
  const written = excludes ? text.slice(1) : text;
  if (!written.includes('\\')) return written;
  const pieces = splitAtStars(written);
  if (pieces.length === 1) return `exactly "${pieces[0] ?? ''}"`;
  return pieces
    .map((piece) => (piece === '' ? '' : `"${piece}"`))
    .join(' * ')
    .trim();
}

/**
 * Why a pattern matches nothing of what its writer plainly means by its backslashes, as `C:\Batch\*` and
 * `\\server\share`; null if there is nothing to say.
 */
export function misreadBackslashes(text: string): string | null {
  const written = text.startsWith('!') ? text.slice(1) : text;
  const isPath = /(?:^|[^\\])\\[^*!\\]|^[A-Za-z]:\\|^\\\\\w/.test(written);
  if (isPath && /(?:^|[^\\])(?:\\\\)*\\\*/.test(written)) {
    return 'takes the * behind a backslash for a star itself: write \\\\* for a backslash and anything after it';
  }
  const isShare = /^\\\\\w+\\\w/.test(written);
  return isShare ? 'takes the two backslashes in front for one: write four' : null;
}

function splitAtStars(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === '\\' && (next === '*' || next === '!' || next === '\\')) {
      piece += next;
      at += 1;
    } else if (character === '*') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += character;
    }
  }
  return [...pieces, piece];
}

/** Greedy from the left with fixed ends: linear in the value, no backtracking for a caller to exploit. */
function matchesPieces(value: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let from = first.length;
  const end = value.length - last.length;
  for (const piece of rest) {
    const found = value.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}
