import { Failure } from '../model/failure.js';
import type { Claim, Journal } from '../record/journal.js';
import { inProgress } from './rails.js';

/**
 * The operation that a request repeats; undefined if its key is free. Throws Failure if another request came under the key,
 * if the first one has not been answered yet, or if what came of it is not kept any more.
 */
export async function findRepeated(journal: Journal, key: Claim, now: number): Promise<string | undefined> {
  const held = await journal.held('key', key.name, now);
  if (!held) return undefined;
  if (held.fingerprint !== key.fingerprint) {
    const message = 'Another request came under this Idempotency-Key: use a new key for a new request.';
    throw new Failure('idempotency-key-reused', message, { blockedBy: held.operation });
  }
  const kept = await journal.read(held.operation);
  if (!kept) throw forgotten(held.operation);
  const [prepared] = kept.events;
  const isUnanswered = prepared?.is === 'prepared' && now < prepared.answerBy;
  if (kept.operation.state === 'running' && isUnanswered) throw inProgress(held.operation);
  return held.operation;
}

/** It was carried out, and is not carried out again. There is nothing left that could be followed. */
function forgotten(operation: string): Failure {
  const message = `The same request was carried out by ${operation}, whose record is not kept any more: it was not repeated.`;
  return new Failure('outcome-unknown', message, { sent: 'perhaps' });
}
