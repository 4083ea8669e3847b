import { hash } from 'node:crypto';
import type { FieldError } from '../core/model/failure.js';
import type { Claim } from '../core/record/journal.js';
import type { Ask } from '../platform/entry/ask.js';

const keyMs = 24 * 3600_000;
/** Proxies repeat a request within seconds; whoever sends the same id much later means a new one. */
const requestIdMs = 10 * 60_000;

/** Under what a mutating call is carried out once, and what is wrong with the key that came with it. */
export interface ReadKey {
  readonly claim: Claim | null;
  readonly errors: readonly FieldError[];
}

/**
 * Reads `Idempotency-Key`. Without one, an `X-Request-Id` that came with the call stands for it, as far as the same request
 * is concerned: a caller may use one id for several different calls.
 */
export function readKey(
  { caller, idempotencyKey, givenRequestId }: Ask,
  input: readonly unknown[],
  now: number,
): ReadKey {
  const fingerprint = digest(canonical(input));
  if (idempotencyKey !== null) {
    if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      const message = 'Idempotency-Key must be 1 to 255 visible ASCII characters.';
      return { claim: null, errors: [{ parameter: 'Idempotency-Key', message }] };
    }
    const name = digest(JSON.stringify([caller.name, 'key', idempotencyKey]));
    return { claim: { scope: 'key', name, fingerprint, expiresAt: now + keyMs }, errors: [] };
  }
  if (givenRequestId === null) return { claim: null, errors: [] };
  const name = digest(JSON.stringify([caller.name, 'request', givenRequestId, fingerprint]));
  return { claim: { scope: 'key', name, fingerprint, expiresAt: now + requestIdMs }, errors: [] };
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
