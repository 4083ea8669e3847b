import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { InvalidConfiguration } from './errors.js';

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

export function unreadable(file: string, thrown: unknown): InvalidConfiguration {
  const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
  return new InvalidConfiguration(file, [{ path: '', message: `cannot be read${code}` }]);
}

/** Throws InvalidConfiguration, and quotes nothing of what may be a secret in the wrong place. */
export function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { strict: true, uniqueKeys: true, prettyErrors: false });
  const errors = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    path: `line ${String(text.slice(0, pos[0]).split('\n').length)}`,
    // The parser quotes what it read, which may be a secret in the wrong place: its first words are enough.
    message: message.split(/[:"'\n]/)[0] ?? 'is not valid YAML',
  }));
  if (errors.length > 0) throw new InvalidConfiguration(file, errors);
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    throw new InvalidConfiguration(file, [{ path: '', message: 'holds aliases, which are not taken' }]);
  }
}
