import { readFileSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type ErrorCode,
} from 'yaml';
import { InvalidConfiguration, type ConfigError } from './errors.js';

/** The text of a configuration file. Throws InvalidConfiguration if it cannot be read. */
export function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
  return decodeText(file, bytes);
}

/** Throws InvalidConfiguration if it is not UTF-8: a byte that is lost could make another name of one. */
export function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidConfiguration(file, [{ path: '', message: 'is not UTF-8' }]);
  }
}

/** What a file is told that cannot be read. */
export function unreadable(file: string, thrown: unknown): InvalidConfiguration {
  const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
  return new InvalidConfiguration(file, [{ path: '', message: `cannot be read${code}` }]);
}

/** A configuration as it is written. */
export interface WrittenConfiguration {
  readonly value: unknown;
  /** The line of a member, or of the nearest thing around it that is written. */
  lineOf(path: string): number | undefined;
}

/** Reads YAML. Throws InvalidConfiguration, and quotes nothing of what may be a secret in the wrong place. */
export function parseYaml(file: string, text: string): WrittenConfiguration {
  const lines = new LineCounter();
  const document = parseDocument(text, { strict: true, uniqueKeys: true, prettyErrors: false, lineCounter: lines });
  const at = (offset: number): string => `line ${String(lines.linePos(offset).line)}`;
  // A * without quotes is an alias, or an error where one would begin: that is told instead of what the parser makes of
  // it.
  const stars = aliasesIn(document).map((offset): ConfigError => ({ path: at(offset), message: unquoted }));
  const errors = [...document.errors, ...document.warnings]
    .map(({ code, message, pos: [offset] }): ConfigError => ({ path: at(offset), message: wordsOf(code, message) }))
    .filter(({ path }) => !stars.some((star) => star.path === path));
  if (errors.length + stars.length > 0) throw new InvalidConfiguration(file, [...errors, ...stars]);
  if (document.contents === null) throw new InvalidConfiguration(file, [{ path: '', message: 'is empty' }]);
  return {
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    lineOf: (path) => {
      const offset = offsetOf(document, path);
      // All of JSON may stand in one line.
      return offset === null || lines.lineStarts.length < 2 ? undefined : lines.linePos(offset).line;
    },
  };
}

const unquoted = 'begins a value with *, an alias of YAML, which is not taken: write it in quotes, "*"';

/** The parser quotes what it read, which may be a secret in the wrong place: its first words are enough. */
function wordsOf(code: ErrorCode, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'is indented by a tab: YAML is indented by spaces';
  if (code === 'BAD_ALIAS') return unquoted;
  return message.split(/[:"'\n]/)[0] ?? 'is not valid YAML';
}

function aliasesIn(document: Document): readonly number[] {
  const found: number[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) found.push(node.range?.[0] ?? 0);
    },
  });
  return found;
}

/** Where a member is written. Names of members may hold dots: the longest that fits is taken. */
function offsetOf({ contents }: Document, path: string): number | null {
  let [node, rest, offset] = [contents as unknown, path, null as number | null];
  for (;;) {
    const step = isMap(node) ? memberIn(node.items, rest) : isSeq(node) ? elementIn(node.items, rest) : null;
    if (!step) return offset;
    ({ node, rest } = step);
    offset = step.offset ?? offset;
  }
}

/** One step on the way to a member. */
interface Step {
  readonly node: unknown;
  readonly rest: string;
  readonly offset: number | undefined;
}

function memberIn(pairs: readonly { readonly key: unknown; readonly value: unknown }[], path: string): Step | null {
  const rest = path.replace(/^\./, '');
  const [found] = pairs
    .flatMap(({ key, value }) => (isScalar(key) ? [{ name: String(key.value), range: key.range, value }] : []))
    .filter(({ name }) => rest === name || rest.startsWith(`${name}.`) || rest.startsWith(`${name}[`))
    .toSorted((one, other) => other.name.length - one.name.length);
  return found ? { node: found.value, rest: rest.slice(found.name.length), offset: found.range?.[0] } : null;
}

function elementIn(items: readonly unknown[], path: string): Step | null {
  const [whole = '', index = ''] = /^\[(\d+)\]/.exec(path) ?? [];
  const node = whole === '' ? undefined : items[Number(index)];
  if (node === undefined) return null;
  return { node, rest: path.slice(whole.length), offset: (node as { range?: [number] }).range?.[0] };
}
