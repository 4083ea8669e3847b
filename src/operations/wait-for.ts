import type { OperationHandle } from '../core/engine/handle.js';
import type { Ask } from '../platform/entry/ask.js';

/**
 * Waits for the end of an operation, or until it is completed, as the caller prefers, and tells in the answer whether
 * that was followed.
 */
export async function waitFor(
  ask: Ask,
  operation: OperationHandle,
  milliseconds: number,
  gone?: AbortSignal,
): Promise<void> {
  const { understood, untilCompleted, isAsync, waitMs } = ask;
  const hasWaited = untilCompleted
    ? await operation.completed(milliseconds, gone ?? ask.gone())
    : await operation.closed(milliseconds, gone);
  // Who waits for nothing is answered so.
  if (understood !== null && (hasWaited || isAsync || waitMs === 0)) ask.header('preference-applied', understood);
}
