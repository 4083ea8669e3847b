import type { Seal } from '../../core/record/seals.js';
import type { Row } from '../database.js';
import { digestOf, hashOfSeal, type SealMember } from '../sql/seal-format.js';
import type { Finding } from './findings.js';

/** A seal as it stands in the store. */
export interface KeptSeal {
  readonly number: number;
  readonly hash: string;
  /** Null if it cannot be read. */
  readonly says: Seal | null;
  readonly row: Row;
}

/** A seal of the table. */
export function keptSealOf(row: Row): KeptSeal {
  let says: Seal | null = null;
  try {
    says = JSON.parse(String(row['body'])) as Seal;
  } catch {
    // It was changed, and is told as that.
  }
  return { number: Number(row['number']), hash: String(row['hash']), says, row };
}

/** What is wrong with a seal, after the one before it; the first of all that are there follows none. */
export function judgeSeal(seal: KeptSeal, before: KeptSeal | null): Finding | null {
  const { number, hash, says, row } = seal;
  if (before && number !== before.number + 1) {
    return sealFinding('removed', before.number + 1, `Seal ${String(number)} comes after it.`);
  }
  if (!says || hashOfSeal(String(row['body'])) !== hash) {
    return sealFinding('changed', number, 'Its hash does not fit what it says.');
  }
  if (before && says.previous !== before.hash) {
    return sealFinding(
      'changed',
      before.number,
      `Its hash was changed as well: seal ${String(number)} follows another one.`,
    );
  }
  if (says.number !== number || Date.parse(says.at) !== row['at'] || Date.parse(says.newestAt) !== row['newest_at']) {
    return sealFinding('changed', number, 'Its row does not tell what it says.');
  }
  const times = [says.keptSince, says.dryRunsKeptSince] as const;
  const earlier = [before?.says?.keptSince ?? null, before?.says?.dryRunsKeptSince ?? null] as const;
  const goesBack = times.some((time, index) => (time ?? '') < (earlier[index] ?? ''));
  return goesBack ? sealFinding('changed', number, 'It says that more is kept than the seal before it.') : null;
}

/** What is wrong with all that a seal holds. */
export function judgeMembers({ number, says }: KeptSeal, members: readonly string[]): Finding | null {
  if (!says || (digestOf(members) === says.digest && members.length === says.operations)) return null;
  const counts = `It holds ${String(says.operations)} operations, and ${String(members.length)} are there`;
  const is = members.length < says.operations ? 'removed' : members.length > says.operations ? 'added' : 'changed';
  return sealFinding(is, number, `${counts}: what it holds was changed.`);
}

/** What a seal holds of an operation; undefined if it cannot be read, which its digest tells. */
export function memberOfRow({ operation, body }: Row): SealMember | undefined {
  try {
    const member = JSON.parse(String(body)) as SealMember;
    return member.operation === operation ? member : undefined;
  } catch {
    return undefined;
  }
}

/** A finding about a seal. */
export function sealFinding(is: Finding['is'], seal: number, detail: string): Finding {
  return { what: 'seal', is, operation: null, event: null, seal, detail };
}
