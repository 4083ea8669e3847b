import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { ConfigError } from './faults.js';

/** The text of a configuration file. Throws ConfigError if it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

export function unreadable(file: string, thrown: unknown): ConfigError {
  const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
  return new ConfigError(file, [{ path: '', message: `cannot be read${code}` }]);
}

/** Throws ConfigError, and quotes nothing of what may be a secret in the wrong place. */
export function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { strict: true, uniqueKeys: true, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    path: `line ${String(text.slice(0, pos[0]).split('\n').length)}`,
    // The parser quotes what it read, which may be a secret in the wrong place: its first words are enough.
    message: message.split(/[:"'\n]/)[0] ?? 'is not valid YAML',
  }));
  if (faults.length > 0) throw new ConfigError(file, faults);
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    throw new ConfigError(file, [{ path: '', message: 'holds aliases, which are not taken' }]);
  }
}
