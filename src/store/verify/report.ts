import type { Finding, VerifiedCounts } from './findings.js';
import type { Verification } from './verify-record.js';

/** So many findings stand in a text. */
const mostListed = 20;

/** What came of verifying a store. */
export interface VerifyReport {
  readonly valid: boolean;
  /** The first thing that is not as it was written. */
  readonly first: Finding | null;
  /** How many there are; those that are told. */
  readonly found: number;
  readonly findings: readonly Finding[];
  readonly counts: VerifiedCounts;
  /** The last seal, up to which the record is proven. */
  readonly lastSeal: { readonly number: number; readonly at: string; readonly hash: string } | null;
  /** Operations, and dry runs, that were created before then may have been deleted because of age or size. */
  readonly keptSince: string | null;
  readonly dryRunsKeptSince: string | null;
}

/** What came of it. */
export function reportOf(
  { counts, last, kept }: Verification,
  findings: readonly Finding[],
  found: number,
): VerifyReport {
  const says = last?.says;
  return {
    valid: found === 0,
    first: findings[0] ?? null,
    found,
    findings,
    counts,
    lastSeal: last && { number: last.number, at: says?.at ?? '', hash: last.hash },
    keptSince: timeOf(kept?.told.operations),
    dryRunsKeptSince: timeOf(kept?.told.dryRuns),
  };
}

/** The report for people. */
export function textOfReport({ first, found, findings, counts, lastSeal, keptSince }: VerifyReport): string {
  const more = findings.slice(1, mostListed).map((finding) => `  ${sentenceOfFinding(finding)}\n`);
  const rest = found - 1 - more.length;
  const verdict = first
    ? [
        `The record is not valid: ${sentenceOfFinding(first)}\n`,
        ...(more.length > 0 ? ['After that:\n', ...more] : []),
        ...(rest > 0 ? [`  and ${String(rest)} more\n`] : []),
      ]
    : ['The record is valid.\n'];
  const seals = lastSeal
    ? `${amount(counts.seals, 'seal')}, the last is ${String(lastSeal.number)} of ${lastSeal.at}, ${lastSeal.hash}`
    : 'There is no seal yet.';
  const gone = `${amount(counts.pruned, 'more')} deleted since: older than ${String(keptSince)}, or dry runs`;
  const unannounced = `of these, ${amount(counts.unannounced, 'operation')} that no seal tells to be deleted: the next seal must`;
  const lines = [
    seals,
    `${amount(counts.sealed, 'operation')} sealed, ${amount(counts.entries, 'entry', 'entries')}`,
    ...(counts.pruned > 0 ? [gone] : []),
    ...(counts.unannounced > 0 ? [unannounced] : []),
    ...(counts.jumps > 0
      ? [`${amount(counts.jumps, 'seal')} before which more was deleted than time alone made too old`]
      : []),
    ...(counts.waiting > 0
      ? [`${amount(counts.waiting, 'operation')} not sealed yet: only their chains were looked at`]
      : []),
    ...(counts.older > 0 ? [`${amount(counts.older, 'operation')} not chained: written by an older release`] : []),
    ...(counts.late > 0 ? [`${amount(counts.late, 'operation')} sealed more than ten minutes after the end`] : []),
    ...(counts.compared > 0 ? [`${amount(counts.compared, 'seal')} compared with the audit log`] : []),
  ];
  return [...verdict, ...lines.map((line) => `  ${line}\n`)].join('').trimEnd();
}

/** A finding in a sentence. */
function sentenceOfFinding({ what, is, operation, event, seal, detail }: Finding): string {
  const of = operation === null ? '' : ` of ${operation}`;
  const subject = {
    event: event === null ? `an event${of}` : `event ${String(event)}${of}`,
    operation: `operation ${String(operation)}`,
    record: `the record${of}`,
    search: `what finds ${String(operation)}`,
    seal: `seal ${String(seal)}`,
  }[what];
  const by = seal === null || what === 'seal' ? '' : ` (seal ${String(seal)})`;
  return `${subject} was ${is}${by}. ${detail}`;
}

function amount(count: number, one: string, many = one === 'more' ? one : `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

function timeOf(time = -Infinity): string | null {
  return time === -Infinity ? null : new Date(time).toISOString();
}
