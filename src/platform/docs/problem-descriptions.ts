import type { FailureKind } from '../../core/model/failure.js';

/** What each type of problem means, and what to do about it. */
export const problemDescriptions: Record<FailureKind, string> = {
  'invalid-request': 'The call is malformed. Nothing was done. `errors` names every place that is wrong.',
  'selection-required':
    'A kill needs ids, or a filter that can leave something out. `*`, a minimum of 0, every state and exclusions alone could all mean "everything". Nothing was done.',
  'reason-required':
    'The configuration wants to know why before anything is changed there: by default, of a forced flush. In an emergency (`breakGlass`) the reason has at least 10 characters. Nothing was done.',
  'ambiguous-process': 'An id lives on several nodes of the target. Nothing was done: add `node`.',
  'unsupported-operation': 'The target cannot do that: see its `abilities`. Nothing was done.',
  'unsupported-filter': 'The backend does not tell the fact that the filter is about. Nothing was done.',
  'too-many-processes':
    'More processes match than the call allows. Nothing was done: narrow the selection, raise `max`, or ask for approval.',
  unauthenticated: 'No credential, an unknown or expired one, or two at once. Nothing was done.',
  'outcome-unknown':
    'The call was sent, and no answer says what came of it. It was not repeated. Look at the target before you do anything else.',
  'approval-required':
    'The configuration wants somebody else to approve such a call first, or somebody did not approve it. Nothing was done.',
  protected:
    'Every process that was named is protected: the vendor needs it, it copies data, or the configuration says so. No request overrides that. Nothing was done.',
  'kill-budget-exhausted':
    'More processes would be killed on a target within a minute than its configuration allows. Nothing was done: wait for `Retry-After`.',
  'plan-gone':
    'The plan was used, or has expired, or is not yours, or never was. Nothing was done: make a dry run again.',
  'idempotency-key-reused':
    'Another request came under this `Idempotency-Key` within a day. Nothing was done: use a new key.',
  'request-in-progress':
    'The same request is being carried out and has not been answered yet. It was not begun again: follow `Location`.',
  'flush-in-progress': 'The target is being flushed. Nothing was done: `Location` follows the flush that runs.',
  'operation-over': 'The operation has ended, so there is nothing left of it to cancel.',
  cancelled: 'The operation was cancelled before anything of it was sent. Nothing was done.',
  'read-only':
    'The target, or the whole gateway, is configured as read-only, or an administrator has frozen it for a while. Nothing was done.',
  'store-unavailable':
    'What would be done cannot be recorded, so nothing was done. Reads go on. Wait for `Retry-After`.',
  forbidden: 'You hold a role on the target that does not allow this. Nothing was done.',
  'rate-limited': 'Too many requests. Nothing was done: wait for `Retry-After`.',
  'unknown-target': 'No target has this name, or it is not granted to you. Nothing was done.',
  'not-found': 'There is nothing at this address, or it is not yours to see.',
  internal: 'A defect of Sluice. Its logs tell more under the request id.',
  'method-not-allowed': 'The address is known, the method is not: see `Allow`.',
  'upstream-rejected':
    'The vendor understood and refused: our credentials, our request, or a job that failed. Its words are in `upstream`.',
  'upstream-malformed': 'The vendor answered something that cannot be understood.',
  'upstream-conflict': 'The vendor is busy with something that excludes this. Nothing was done: try later.',
  'upstream-unavailable':
    'The vendor could not be reached, or failed while it was asked to show something; or the keys that check a token cannot be had. Nothing was done.',
  'upstream-throttled': 'The vendor takes no more calls for now. Nothing was done: wait for `Retry-After`.',
  overloaded: 'Too much is waiting already. Nothing was done: wait for `Retry-After`.',
  draining: 'This replica is stopping. Nothing was done: send the call again, another one takes it.',
  'request-timeout': 'The request arrived too slowly and was cut. Nothing was done.',
  'payload-too-large': 'The body is larger than 256 KiB. Nothing was done.',
  'uri-too-long': 'The address is longer than 16 KiB. Nothing was done: long lists of ids go into the body.',
  'unsupported-media-type': 'Only application/json in UTF-8, without content encoding, is taken. Nothing was done.',
  'headers-too-large': 'The headers are larger than 16 KiB. Nothing was done.',
  'upstream-timeout':
    'The vendor did not answer in time to what only shows, or could not be reached in time. Nothing was done.',
};
