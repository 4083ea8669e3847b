import { addAcross } from './counts.js';
import type { OperationEvent, TargetEvent } from '../model/event.js';
import { approvalOf, shownEvents, unapproved, unapprovedState } from './fold-approval.js';
import { foldStates } from './fold-states.js';
import { foldTarget, itemsShown } from './fold-target.js';
import type { Operation, TargetOutcome } from '../model/operation.js';

/** Gives the record of an operation from its events. The first must be `prepared`. */
export function fold(events: readonly OperationEvent[]): Operation {
  const [prepared] = events;
  if (prepared?.is !== 'prepared') throw new TypeError('An operation begins with the event "prepared".');
  const { header } = prepared;
  const startedAt = Date.parse(header.createdAt);
  const told = Map.groupBy(shownEvents(events).filter(isAboutTarget), ({ target }) => target);
  const targets = prepared.targets
    .map((asked) => foldTarget(asked, header, startedAt, told.get(asked.target) ?? []))
    .map((target) => unapproved(target, events));
  const closed = events.find((event) => event.is === 'closed');
  return {
    ...header,
    state:
      unapprovedState(events) ??
      foldStates(targets.filter(({ status }) => status === undefined).map((target) => target.state)),
    endedAt: closed ? new Date(closed.at).toISOString() : null,
    counts: addAcross(targets.map((target) => target.counts)),
    // What a dry run tells comes before the targets: it is what people read first.
    ...events.find((event) => event.is === 'planned')?.preview,
    targets: shorten(targets),
    ...cancellationOf(events),
    ...approvalOf(events),
  };
}

/** A record shows so many items of all its targets together: the others are counted, and told page by page. */
function shorten(targets: readonly TargetOutcome[]): readonly TargetOutcome[] {
  let room = itemsShown;
  return targets.map((target) => {
    const items = target.items.slice(0, room);
    room -= items.length;
    const left = target.items.length - items.length;
    return left === 0 ? target : { ...target, items, itemsOmitted: target.itemsOmitted + left };
  });
}

function cancellationOf(events: readonly OperationEvent[]): Pick<Operation, 'cancelled'> {
  const found = events.find((event) => event.is === 'cancelled');
  if (!found) return {};
  const { at, requestedBy, reason } = found;
  return { cancelled: { at: new Date(at).toISOString(), requestedBy, reason } };
}

function isAboutTarget(event: OperationEvent): event is TargetEvent {
  return 'target' in event;
}
