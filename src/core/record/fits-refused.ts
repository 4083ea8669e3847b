import type { KeptRefusal, RefusedQuery } from './refused-calls.js';

/** Is a refused call one of those that are asked for? */
export function fitsRefused(call: KeptRefusal, query: RefusedQuery): boolean {
  const { madeBy, kind, requestedBy, requestId, since, until, after } = query;
  return (
    call.dryRun === query.dryRun &&
    (madeBy === undefined || call.requestedBy === madeBy) &&
    (kind === undefined || call.kind === kind) &&
    (requestedBy === undefined || call.requestedBy === requestedBy) &&
    (requestId === undefined || call.requestId === requestId) &&
    (since === undefined || call.at >= since) &&
    (until === undefined || call.at < until) &&
    (after === undefined || call.id < after)
  );
}
