/** One element as it was sent: its own text is trimmed, its entities are resolved. */
export interface SentElement {
  readonly name: string;
  readonly hasAttributes: boolean;
  readonly elements: readonly SentElement[];
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly hasAttributes: boolean;
  readonly elements: SentElement[];
  text: string;
}

const declaration = /^<\?xml\s+version="1\.0"(?:\s+encoding="utf-8")?\s*\?>/i;
const piece =
  /<!--(?:(?!--)[^])*-->|<([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|<\/([A-Za-z_][\w.-]*)\s*>|([^<]+)/y;
const entities: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
]);

function closed({ text, ...element }: OpenElement): SentElement {
  return { ...element, text: text.trim() };
}

function* piecesOf(xml: string): Generator<RegExpExecArray | null> {
  piece.lastIndex = declaration.exec(xml)?.[0].length ?? 0;
  while (piece.lastIndex < xml.length) {
    const match = piece.exec(xml);
    yield match;
    if (!match) return;
  }
}

/** The root of a well-formed document; null for anything else, and for DOCTYPE, CDATA and numeric entities. */
export function readXml(xml: string): SentElement | null {
  const document: OpenElement = { name: '', hasAttributes: false, elements: [], text: '' };
  const open = [document];
  for (const match of piecesOf(xml)) {
    const current = open.at(-1);
    if (!match || !current) return null;
    const [, starts, attributes = '', empty, ends, text] = match;
    if (starts !== undefined) {
      const element: OpenElement = { name: starts, hasAttributes: attributes !== '', elements: [], text: '' };
      if (empty === '/') current.elements.push(closed(element));
      else open.push(element);
    } else if (ends !== undefined) {
      if (current === document || current.name !== ends) return null;
      open.pop();
      open.at(-1)?.elements.push(closed(current));
    } else if (text !== undefined) {
      const known = text.replace(/&[a-z]+;/g, (entity) => entities.get(entity) ?? '\uFFFD');
      if (/&(?![a-z]+;)/.test(text) || known.includes('\uFFFD')) return null;
      current.text += known;
    }
  }
  const [root, ...others] = document.elements;
  return open.length > 1 || others.length > 0 || document.text.trim() !== '' ? null : (root ?? null);
}
