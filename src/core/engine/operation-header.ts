import type { OperationHeader } from '../model/operation.js';
import type { MutatingRequest } from '../model/request.js';

/** What is known of an operation before it begins: who asked for what, under an id of its own. */
export function headerOf(request: MutatingRequest, caller: string, requestId: string, now: number): OperationHeader {
  return {
    id: newId(now),
    kind: request.kind,
    mode: request.kind === 'sessions.flush' ? request.mode : null,
    dryRun: request.dryRun,
    requestedBy: caller,
    onBehalfOf: request.onBehalfOf,
    reason: request.reason,
    requestId,
    createdAt: new Date(now).toISOString(),
  };
}

let made = 0;

/** Ids sort by the time they were made, and those of one process in one millisecond by their order. */
function newId(now: number): string {
  made = (made + 1) % 36 ** 3;
  const order = made.toString(36).padStart(3, '0');
  return `op_${now.toString(36).padStart(9, '0')}${order}${crypto.randomUUID().replaceAll('-', '').slice(0, 13)}`;
}
