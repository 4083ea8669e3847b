import { Failure } from '../model/failure.js';
import type { Brakes, CancelRequest } from '../record/brakes.js';
import type { OperationHandle } from './handle.js';

/** Sends nothing more of an operation, whichever replica works on it. Repeating it does no harm. */
export async function cancelOperation(
  brakes: Brakes,
  operation: OperationHandle,
  request: CancelRequest,
): Promise<void> {
  const isCancelled = (): boolean => operation.now.cancelled !== undefined;
  if (isCancelled()) return;
  const { is } = await brakes.requestCancel(operation.id, request);
  if (is === 'requested') await operation.cancelled(request);
  if (isCancelled()) return;
  const message = `The operation ${operation.id} is over: there is nothing left of it to cancel.`;
  throw new Failure('operation-over', message);
}
