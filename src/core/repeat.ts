import { Failure } from './failure.js';
import type { Claim, Journal } from './journal.js';
import { inProgress } from './rails.js';

/**
 * The operation that a request repeats; undefined if its key is free. Throws Failure if another request came under the key,
 * or if the first one has not been answered yet.
 */
export async function findRepeated(journal: Journal, key: Claim, now: number): Promise<string | undefined> {
  const held = await journal.held('key', key.name, now);
  if (!held) return undefined;
  if (held.fingerprint !== key.fingerprint) {
    const message = 'Another request came under this Idempotency-Key: use a new key for a new request.';
    throw new Failure('idempotency-key-reused', message, { blockedBy: held.operation });
  }
  const kept = await journal.read(held.operation);
  if (!kept) return undefined;
  const [prepared] = kept.events;
  const isUnanswered = prepared?.is === 'prepared' && now < prepared.answerBy;
  if (kept.operation.state === 'running' && isUnanswered) throw inProgress(held.operation);
  return held.operation;
}
