import type { Column } from '../platform/http/listed.js';
import type { OperationSummaryDto } from './summary.dto.js';

/** The columns of operations as CSV, in their order. */
export const operationColumns: readonly Column<OperationSummaryDto>[] = [
  ['id', ({ id }) => id],
  ['createdAt', ({ createdAt }) => createdAt],
  ['endedAt', ({ endedAt }) => endedAt],
  ['kind', ({ kind }) => kind],
  ['mode', ({ mode }) => mode],
  ['state', ({ state }) => state],
  ['dryRun', ({ dryRun }) => dryRun],
  ['requestedBy', ({ requestedBy }) => requestedBy],
  ['requestedByName', ({ requestedByName }) => requestedByName],
  ['onBehalfOf', ({ onBehalfOf }) => onBehalfOf],
  ['reason', ({ reason }) => reason],
  ['requestId', ({ requestId }) => requestId],
  [
    'targets',
    ({ targets }) =>
      targets
        .map(({ target }) => target)
        .join(' ')
        .trim(),
  ],
  ['ended', ({ counts }) => counts.ended],
  ['deferred', ({ counts }) => counts.deferred],
  ['notFound', ({ counts }) => counts.notFound],
  ['skipped', ({ counts }) => counts.skipped],
  ['failed', ({ counts }) => counts.failed],
  ['unknown', ({ counts }) => counts.unknown],
  ['wouldEnd', ({ counts }) => counts.wouldEnd],
  ['breakGlass', ({ breakGlass }) => breakGlass],
  ['decision', ({ approval }) => approval?.decision?.is],
  ['decidedBy', ({ approval }) => approval?.decision?.by],
  ['cancelledBy', ({ cancelled }) => cancelled?.requestedBy],
  ['acknowledgedBy', ({ acknowledged }) => acknowledged?.requestedBy],
  ['code', ({ problem }) => problem?.code],
  ['detail', ({ problem }) => problem?.detail],
  ['times', ({ times }) => times],
  ['lastAt', ({ lastAt }) => lastAt],
];
