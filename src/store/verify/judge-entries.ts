import { hashOfEntry, noHash } from '../sql/entry-hash.js';
import { beginOfHash, entriesOf, type ChainedEntry, type SealMember } from '../sql/seal-format.js';
import type { Finding } from './findings.js';

/** An entry as it stands in the store. */
export interface KeptEntry extends ChainedEntry {
  readonly body: string;
}

/** How a finding about an event begins: what is known of it so far. */
type EventFinding = Pick<Finding, 'is' | 'event' | 'detail'>;

/** The first event that is not as a seal holds it; null if all are. */
export function judgeSealed(operation: string, entries: readonly KeptEntry[], member: SealMember): EventFinding | null {
  const kept = new Map(entries.map((entry) => [entry.seq, entry]));
  const sealed = new Map(entriesOf(member).map((entry) => [entry.seq, entry]));
  let before = noHash;
  for (const seq of [...new Set([...kept.keys(), ...sealed.keys()])].toSorted((left, right) => left - right)) {
    const [entry, expected] = [kept.get(seq), sealed.get(seq)];
    if (!entry) return { is: 'removed', event: seq, detail: 'The seal holds it, and it is not there.' };
    if (!expected) return { is: 'added', event: seq, detail: 'The seal does not hold it.' };
    before = hashOfEntry({ before, operation, ...entry });
    if (beginOfHash(before) !== expected.hash) {
      return { is: 'changed', event: seq, detail: `It is not what was sealed${together(entry)}.` };
    }
    if ((entry.hash !== null) !== expected.isChained || (entry.hash !== null && entry.hash !== before)) {
      const what = entry.hash === null ? 'was removed' : 'is another one';
      return { is: 'changed', event: seq, detail: `Its events are what was sealed, but its hash ${what}.` };
    }
  }
  if (before === member.hash) return null;
  return { is: 'changed', event: entries.at(-1)?.seq ?? null, detail: 'Its hash is not what was sealed.' };
}

/** The first event that does not fit those before it; null if all do. What no seal holds, its own chain tells. */
export function judgeChain(operation: string, entries: readonly KeptEntry[]): EventFinding | null {
  let [before, next, isChained] = [noHash, 0, false];
  for (const entry of entries) {
    const { seq, hash } = entry;
    if (seq > next) return { is: 'removed', event: next, detail: `Event ${String(seq)} comes after it.` };
    if (seq < next) return { is: 'added', event: seq, detail: 'There is another event in its place.' };
    const computed = hashOfEntry({ before, operation, ...entry });
    if (hash !== null && hash !== computed) {
      const orBefore = isChained ? `, or the one before it was changed along with its hash` : '';
      return { is: 'changed', event: seq, detail: `Its hash does not fit it${together(entry)}${orBefore}.` };
    }
    isChained = hash !== null;
    before = computed;
    next = seq + lengthOf(entry);
  }
  if (entries.length > 0) return null;
  return { is: 'removed', event: 0, detail: 'The operation has no events.' };
}

/** Events that were written together have one hash. */
function together(entry: KeptEntry): string {
  const length = lengthOf(entry);
  return length > 1 ? ` (events ${String(entry.seq)} to ${String(entry.seq + length - 1)} were written together)` : '';
}

function lengthOf({ body }: KeptEntry): number {
  try {
    const events: unknown = JSON.parse(body);
    return Array.isArray(events) ? events.length : 1;
  } catch {
    return 1;
  }
}
