import type { FailureKind } from '../../core/model/failure.js';

/** What to do about each type of problem, for the person who met it. */
export const problemRemedies: Record<FailureKind, string> = {
  'invalid-request': 'Correct each place that `errors` names, and send the call again.',
  'selection-required': 'Name ids, or add a filter that leaves somebody out: `user`, `state`, `minIdleSeconds`.',
  'reason-required': 'Send the call again with `reason`: it stands in the record.',
  'ambiguous-process': 'Add the `node` that you mean: `errors` names those that have the id.',
  'unsupported-operation': 'See the `abilities` of the target, and use one of them.',
  'unsupported-filter': 'Remove the filter, or leave out the targets that `errors` names.',
  'too-many-processes':
    'Narrow the filter; take only the first of them (`sort` and `first=N`); name the ids (up to 1000), which are not capped; or let a second person approve it (`approval=request`). A dry run shows whom it would end.',
  unauthenticated: 'Send one credential: `X-API-Key`, or `Authorization: Bearer`. See whether it has expired.',
  'outcome-unknown':
    'Look at the target. Sluice looks again for about two minutes: `GET /operations/{id}` tells what it found.',
  'approval-required':
    'Send the call again with `approval` set to `request`: somebody whose grant allows it approves by `POST /operations/{id}/approve`.',
  protected: 'Nothing can end it through Sluice. If the configuration names it, change the `protect` of the target.',
  'kill-budget-exhausted': 'Wait for `Retry-After`, or end fewer at once.',
  'plan-gone': 'Make the dry run again, and use its plan before `plan.expiresAt`.',
  'idempotency-key-reused': 'Send this call under a new key.',
  'request-in-progress': 'Follow `Location` to the operation that runs.',
  'flush-in-progress': 'Follow `Location`, and send the call again once that flush is over.',
  'operation-over': 'Read its record: it says what was done.',
  cancelled: 'Send the call again if it is wanted after all.',
  'read-only': 'Ask the operators of Sluice to open the target, or wait until it is open. Looks and dry runs go on.',
  'store-unavailable': 'Send the call again after `Retry-After`. If it lasts, the store has to be mended.',
  forbidden: 'Ask for the role that `detail` names, or ask somebody who has it.',
  'rate-limited': 'Wait for `Retry-After`, and ask less often.',
  'unknown-target': 'See `GET /targets` for the names that you may use.',
  'not-found': 'Check the address. Operations are kept for 90 days, and shown to those whom they concern.',
  internal: 'Report it with the request id.',
  'method-not-allowed': 'Use one of the methods in `Allow`.',
  'upstream-rejected':
    'Read `upstream`: credentials and permissions of the account that Sluice uses are the usual cause.',
  'upstream-malformed': 'Try again. If it lasts, something between Sluice and the vendor answers instead of it.',
  'upstream-conflict': 'Wait, and send the call again.',
  'upstream-unavailable': 'Wait for `Retry-After`. If it lasts, see whether the vendor can be reached from Sluice.',
  'upstream-throttled': 'Wait for `Retry-After`.',
  overloaded: 'Wait for `Retry-After`.',
  draining: 'Send the call again at once.',
  'request-timeout': 'Send the call again, whole and within 10 seconds.',
  'payload-too-large': 'Send fewer ids at once.',
  'uri-too-long': 'Put the ids into the body of the DELETE.',
  'unsupported-media-type': 'Send `Content-Type: application/json`, in UTF-8.',
  'headers-too-large': 'Send fewer or shorter headers: cookies of other sites are the usual cause.',
  'upstream-timeout': 'Try again. If it lasts, the vendor is slow: its health is in `GET /targets`.',
};
