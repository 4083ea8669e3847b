import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The entries of a file of the corpus. */
export function dataOf(name: string): unknown {
  return parse(readFileSync(new URL(`entries/${name}.yaml`, import.meta.url), 'utf8'));
}
