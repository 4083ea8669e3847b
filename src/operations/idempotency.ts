import { hash } from 'node:crypto';
import type { Refusals } from '../core/model/refusals.js';
import type { Claim } from '../core/record/journal.js';
import type { Ask } from '../platform/entry/ask.js';

const keyMs = 24 * 3600_000;
/** Longer than any operation takes: once it has ended, the journal keeps the request for 30 seconds. */
const requestIdMs = 15 * 60_000;

/**
 * Under what a mutating call is carried out once: its `Idempotency-Key`, whose errors are added to the refusals.
 * Without one, an `X-Request-Id` that came with the call stands for it, as far as the same request is concerned: a
 * caller may use one id for several different calls.
 */
export function readKey(
  { caller, idempotencyKey, givenRequestId, arrivedAt }: Ask,
  input: readonly unknown[],
  refusals: Refusals,
): Claim | null {
  if (idempotencyKey === null && givenRequestId === null) return null;
  const fingerprint = digest(canonical(input));
  if (idempotencyKey !== null) {
    if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      const message = 'Idempotency-Key must be 1 to 255 visible ASCII characters.';
      refusals.add('invalid-request', { parameter: 'Idempotency-Key', message });
      return null;
    }
    const name = digest(JSON.stringify([caller.name, 'key', idempotencyKey]));
    return { scope: 'key', name, fingerprint, expiresAt: arrivedAt + keyMs };
  }
  const name = digest(JSON.stringify([caller.name, 'request', givenRequestId, fingerprint]));
  return { scope: 'request', name, fingerprint, expiresAt: arrivedAt + requestIdMs };
}

function digest(text: string): string {
  return hash('sha256', text);
}

/** The order in which members are written says nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}
