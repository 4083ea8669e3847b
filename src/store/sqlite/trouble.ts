import type { StoreTroubleReason } from '../../core/record/store-trouble.js';
import { Unavailable } from '../database.js';
import type { Wrong } from './sqlite.messages.js';

/** Result codes of SQLite, without what extends them. */
const reasons: Readonly<Record<number, StoreTroubleReason>> = {
  3: 'refused',
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  10: 'full',
  11: 'damaged',
  13: 'full',
  14: 'refused',
  26: 'damaged',
};
/** A disk that fails otherwise than by being full: reading, and what is read being short. */
const ioErrors: Readonly<Record<number, StoreTroubleReason>> = { 266: 'damaged', 522: 'damaged' };

/** Why SQLite cannot be used. */
export function unavailable(wrong: Wrong, isUnsure: boolean): Unavailable {
  const code = wrong.code === null ? null : String(wrong.code);
  return new Unavailable(
    { engine: 'SQLite', reason: reasonOf(wrong), code },
    { cause: new Error(wrong.why), isUnsure },
  );
}

function reasonOf({ code, isRemoved, isLate }: Wrong): StoreTroubleReason {
  if (isRemoved) return 'removed';
  if (isLate) return 'timeout';
  if (typeof code === 'number') return ioErrors[code] ?? reasons[code % 256] ?? 'other';
  return code === null ? 'other' : 'refused';
}
