import type { OperationEvent, Prepared } from '../model/event.js';
import type { Notice, NoticeFacts, NoticeKind } from '../model/notice.js';
import type { Operation, TargetOutcome } from '../model/operation.js';
import { fold } from './fold.js';

/** So many targets of an operation are told one by one. */
const targetsTold = 20;
/** No text in a notification is longer. */
const longestText = 500;

/** What of an operation is known before it is read. */
interface ToldOperation {
  readonly id: string;
  readonly targets: readonly { readonly target: string }[];
}

/** What is told of the beginning of an operation: whether it is forced, or an emergency, or waits for an approval. */
export function noticesOfBeginning(first: Prepared, waiting?: Operation): readonly Notice[] {
  const { mode, dryRun, breakGlass } = first.header;
  if (dryRun || (mode !== 'forced' && breakGlass !== true && !waiting)) return [];
  if (waiting) return [noticeOf('approval', 'approval.requested', waiting, first.at, () => waiting)];
  const operation = { id: first.header.id, targets: first.targets };
  const begun = (): Operation => fold([first]);
  return [
    ...(breakGlass === true ? [noticeOf('breakGlass', 'breakGlass', operation, first.at, begun)] : []),
    ...(mode === 'forced' ? [noticeOf('forced', 'forced', operation, first.at, begun)] : []),
  ];
}

/** What is told once something is decided of an operation that waited: how it stands then. */
export function noticesOfDecision(operation: Operation, at: number): readonly Notice[] {
  const decision = operation.approval?.decision?.is;
  if (decision === undefined) return [];
  const isForced = decision === 'approved' && operation.mode === 'forced';
  return [
    noticeOf('approval', `approval.${decision}`, operation, at, () => operation),
    ...(isForced ? [noticeOf('forced', 'forced', operation, at, () => operation)] : []),
  ];
}

/** What is told of events that are added to an operation: that it ended unknown, that a drain is over. */
export function noticesOfEvents(events: readonly OperationEvent[], operation: () => Operation): readonly Notice[] {
  return events.flatMap((event): readonly Notice[] => {
    const isEnd = event.is === 'closed';
    if (!isEnd && (event.is !== 'drain' || event.drain.state === 'watching')) return [];
    const all = operation();
    if (isEnd) return isUnknown(all) ? [noticeOf('unknown', 'unknown', all, event.at, operation)] : [];
    const { ids, until, ...drain } = event.drain;
    const index = all.targets.findIndex(({ target }) => target === event.target);
    const notice = noticeOf('drained', 'drained', all, event.at, operation, { target: event.target, drain });
    return [{ ...notice, id: `${notice.id}_${String(index)}`, targets: [event.target] }];
  });
}

/** Nobody can say what became of all that it was to end. */
function isUnknown({ dryRun, targets }: Operation): boolean {
  return !dryRun && targets.some(({ state, counts }) => state === 'unknown' || (counts.unknown ?? 0) > 0);
}

/** What is told of an operation is read only where somebody is notified. */
function noticeOf(
  kind: NoticeKind,
  type: string,
  { id, targets }: ToldOperation,
  at: number,
  operation: () => Operation,
  more: object = {},
): Notice {
  return {
    kind,
    type: `operation.${type}`,
    id: `msg_${id}_${type.replaceAll('.', '_')}`,
    at,
    targets: targets.map(({ target }) => target),
    operation: id,
    facts: () => ({ ...factsOf(operation()), ...more }),
  };
}

function factsOf({ approval, targets, counts, endedAt, ...operation }: Operation): NoticeFacts {
  const { kind, mode, state, requestedBy, requestedByName, onBehalfOf, reason, requestId, createdAt } = operation;
  return {
    ...{ kind, mode, state, requestedBy: cut(requestedBy) },
    ...(operation.breakGlass === true ? { breakGlass: true } : {}),
    ...(requestedByName === undefined ? {} : { requestedByName: cut(requestedByName) }),
    ...{ onBehalfOf: onBehalfOf && cut(onBehalfOf), reason: reason && cut(reason), requestId: cut(requestId) },
    ...{ createdAt, endedAt, counts },
    targets: targets.slice(0, targetsTold).map(targetFacts),
    targetsOmitted: Math.max(0, targets.length - targetsTold),
    ...(approval ? { approval: approvalFacts(approval) } : {}),
  };
}

function targetFacts({ target, backend, state, strategy, counts, problem }: TargetOutcome): object {
  return { target, backend, state, strategy, counts, code: problem?.code ?? null };
}

function approvalFacts({ requestedAt, expiresAt, decision }: NonNullable<Operation['approval']>): object {
  const { by = null, reason = null } = decision ?? {};
  return { requestedAt, expiresAt, decision: decision?.is ?? null, by: by && cut(by), reason: reason && cut(reason) };
}

/** So much of a text as a notification tells. */
function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}
