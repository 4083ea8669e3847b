import { SluiceError, type Operation } from '../clients/typescript/src/sluice.ts';

/** What the exit code says. */
export const exits = { done: 0, failed: 1, partial: 2, running: 3, usage: 64 } as const;

/** The command was written wrongly: exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit code of an operation as it stands. */
export function exitOf({ state, refusal }: Operation): number {
  if (state === 'planned') return refusal ? exits.failed : exits.done;
  if (state === 'succeeded') return exits.done;
  if (state === 'failed' || state === 'rejected' || state === 'expired') return exits.failed;
  return state === 'partial' || state === 'unknown' ? exits.partial : exits.running;
}

/** The exit code of what was thrown. */
export function exitOfError(thrown: unknown): number {
  if (thrown instanceof UsageError) return exits.usage;
  if (!(thrown instanceof SluiceError)) return exits.failed;
  if (thrown.code === 'timeout' || thrown.code === 'aborted') return exits.running;
  // Sent, but the outcome is unknown.
  return thrown.code === 'outcome-unknown' || thrown.code === 'no-answer' ? exits.partial : exits.failed;
}

/** What a person is told of an error: what happened, where, and what to quote. */
export function wordsOfError(thrown: unknown): string {
  if (thrown instanceof UsageError) return `${thrown.message}\n`;
  if (!(thrown instanceof SluiceError)) return `${thrown instanceof Error ? thrown.message : String(thrown)}\n`;
  const { problem, code, message, retryAfter, requestId, operationId } = thrown;
  const places = (problem?.errors ?? [])
    .filter((one) => one.message !== message)
    .map((one) => `  ${one.parameter ?? one.pointer ?? ''}: ${one.message}\n`);
  const vendor = problem?.upstream?.message;
  const lines = [
    `${message} [${code}]\n`,
    ...places,
    ...(vendor ? [`  The vendor says: ${vendor}\n`] : []),
    ...(retryAfter === null ? [] : [`  It may be sent again in ${String(retryAfter)} s.\n`]),
    ...(operationId === null || operationId === '' ? [] : [`  Operation ${operationId}\n`]),
    ...(requestId === null ? [] : [`  Request ${requestId}\n`]),
  ];
  return lines.join('');
}
