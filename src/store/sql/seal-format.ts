import { hash } from 'node:crypto';
import type { MadeSeal, Seal } from '../../core/record/seals.js';
import { hashOfEntry, noHash } from './entry-hash.js';

/** How much of the hash of an entry a seal keeps, so that the one which was changed can be named. */
const shown = 16;

/** One entry, as it is judged: its hash is null if an older release wrote it. */
export interface ChainedEntry {
  readonly seq: number;
  readonly hash: string | null;
  readonly recordHash: string | null;
  /** Needed only where there is no hash. */
  readonly body: string | null;
}

/** What a seal holds of an operation. */
export interface SealMember {
  readonly operation: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly dryRun: number;
  /** The hash of its last entry. */
  readonly hash: string;
  /** Of each entry its place, `:` if it has a hash and `~` if it has none, and the beginning of its hash. */
  readonly entries: string;
}

/** One entry as a seal holds it. */
export interface SealedEntry {
  readonly seq: number;
  readonly isChained: boolean;
  readonly hash: string;
}

/** What a seal holds of an operation that is over. */
export function memberOf(
  operation: string,
  entries: readonly ChainedEntry[],
  more: { readonly createdAt: number; readonly dryRun: number },
): SealMember {
  let before = noHash;
  const shownEntries = entries.map(({ seq, hash: kept, recordHash, body }) => {
    before = kept ?? hashOfEntry({ before, operation, seq, recordHash, body: body ?? '' });
    return `${String(seq)}${kept === null ? '~' : ':'}${beginOfHash(before)}`;
  });
  return { operation, ...more, hash: before, entries: shownEntries.join(' ') };
}

/** The beginning of a hash, as seals keep it. */
export function beginOfHash(whole: string): string {
  return whole.slice(0, shown);
}

/** The entries that a seal holds of an operation. */
export function entriesOf({ entries }: SealMember): readonly SealedEntry[] {
  if (entries === '') return [];
  return entries.split(' ').map((entry) => {
    const [seq = '', begin = ''] = entry.split(/[:~]/);
    return { seq: Number(seq), isChained: entry.includes(':'), hash: begin };
  });
}

/** The SHA-256, in hexadecimal, of what a seal holds of each operation, a line each, in the order of their ids. */
export function digestOf(members: readonly string[]): string {
  return hash('sha256', members.join('\n'), 'hex');
}

/** A seal as it is stored: its text, of which the SHA-256 is its hash. */
export function writeSeal(seal: Seal): { readonly body: string; readonly made: MadeSeal } {
  const body = JSON.stringify(seal);
  return { body, made: { ...seal, hash: hashOfSeal(body) } };
}

/** The SHA-256, in hexadecimal, of the text of a seal. */
export function hashOfSeal(body: string): string {
  return hash('sha256', body, 'hex');
}

/** Rounds of deleting and sealing are a minute apart, and may take a while. */
const slackMs = 300_000;

/** No configuration keeps operations for less because of their age. */
export const leastKeptMs = 86_400_000;

/** Since when all is kept if nothing but time has passed since a seal; null where that seal did not tell. */
export function grownOld(keptSince: number | null, sealedAt: number, now: number): number | null {
  return keptSince === null ? null : keptSince + Math.max(0, now - sealedAt) + slackMs;
}
