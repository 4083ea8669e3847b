import { hash } from 'node:crypto';

/** What stands before the first entry of an operation. */
export const noHash = '';

/** One entry of an operation, as it is stored. */
export interface HashedEntry {
  /** The hash of the entry before it. */
  readonly before: string;
  readonly operation: string;
  readonly seq: number;
  /** The hash of the record that was written with it; null if none was. */
  readonly recordHash: string | null;
  readonly body: string;
}

/**
 * The SHA-256, in hexadecimal, of five lines: the hash before it, the operation, the place, the hash of the record, the
 * events. The first entry holds the header of the operation, so that each hash stands for who asked for what as well.
 */
export function hashOfEntry({ before, operation, seq, recordHash, body }: HashedEntry): string {
  return hash('sha256', `${before}\n${operation}\n${String(seq)}\n${recordHash ?? ''}\n${body}`, 'hex');
}

/** The SHA-256 of a record and its summary, a line each. */
export function hashOfRecord(record: string, summary: string): string {
  return hash('sha256', `${record}\n${summary}`, 'hex');
}
