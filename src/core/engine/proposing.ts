import type { AdmittedCall } from '../choose/admitted.js';
import type { Survey } from '../choose/chosen.js';
import { chooses, foreseeItems } from '../choose/survey.js';
import { strategyOf } from '../model/abilities.js';
import type { OperationEvent, Prepared } from '../model/event.js';
import type { ListedItem } from '../model/listed-item.js';
import type { ApprovalNeeds } from '../model/approval.js';
import { inBody, type MutatingRequest } from '../model/request.js';
import { everything } from '../model/selection.js';
import type { Target } from '../model/target.js';
import { fold } from '../record/fold.js';
import type { Entry } from '../record/journal.js';

/** What is written of a call that waits for somebody: whom it would end, and until when it waits. */
export function proposalOf(
  { request, by, targets }: AdmittedCall,
  surveys: ReadonlyMap<Target, Survey>,
  first: Prepared,
): { readonly entry: Entry; readonly waitMs: number } | null {
  const at = first.at;
  const proposed = [...surveys].flatMap(([target, { looked, chosen }]) =>
    chosen.map(({ node, items, named, leftOut, complete }): Extract<OperationEvent, { is: 'proposed' }> => ({
      ...{ is: 'proposed', at, target: target.name, node: node?.name ?? null, named, leftOut, complete },
      items: foreseeItems(items, node, looked),
    })),
  );
  const mass = targets.filter((target) => !chooses(target, request)).map(({ name }) => name);
  const isAnybody = proposed.some(({ items }) => items.some(({ outcome }) => outcome === 'wouldEnd'));
  // What would end nobody needs nobody's word.
  if (!isAnybody && mass.length === 0) return null;
  const waitMs = Math.min(...targets.map(({ safeguards }) => safeguards.approval.waitMs));
  const isFlush = request.kind === 'sessions.flush';
  const needs: ApprovalNeeds = {
    action: 'approve',
    targets: targets.map(({ name }) => name),
    notBy: [...new Set([by.name, by.displayName, request.onBehalfOf].filter((name) => typeof name === 'string'))],
  };
  const asked = {
    mode: isFlush ? request.mode : ('graceful' as const),
    node: isFlush ? request.node : null,
    minIdleSeconds: isFlush ? request.minIdleSeconds : null,
    mass,
  };
  const credential = by.credential ?? null;
  const events: readonly OperationEvent[] = [
    ...proposed,
    { is: 'awaiting', at, expiresAt: at + waitMs, needs, credential, asked },
  ];
  const record = fold([first, ...events]);
  return { entry: { from: 1, events, record, isOver: true, by: by.name }, waitMs };
}

/**
 * What is carried out of a call that was approved, target by target: as a plan, only those who were proposed; or the
 * vendor's own mass call, as long as the target is still reached so.
 */
export function approvedRequests(events: readonly OperationEvent[]): ((target: Target) => MutatingRequest) | null {
  const [first] = events;
  const awaiting = events.find((event) => event.is === 'awaiting');
  if (first?.is !== 'prepared' || !awaiting) return null;
  const { header, targets } = first;
  const victims = new Map<string, ListedItem[]>();
  for (const event of events) {
    if (event.is !== 'proposed') continue;
    const found = event.items.filter(({ outcome }) => outcome === 'wouldEnd');
    victims.set(event.target, [...(victims.get(event.target) ?? []), ...found]);
  }
  const { mode, node, minIdleSeconds, mass } = awaiting.asked;
  const plan = { id: header.id, expiresAt: awaiting.expiresAt, victims, byFilter: false, nodes: new Map() };
  const intent = {
    writing: inBody,
    targets: targets.map(({ target }) => target),
    dryRun: false,
    reason: header.reason,
    onBehalfOf: header.onBehalfOf,
  };
  if (header.kind === 'processes.kill') {
    const kill = { ...intent, kind: header.kind, plan, selection: everything, max: null };
    return () => kill;
  }
  if (header.kind !== 'sessions.flush') return null;
  const { kind } = header;
  const flush = { ...intent, kind, mode, node, minIdleSeconds, requireAll: false };
  return (target) => {
    const isMass = mass.includes(target.name) && strategyOf(target, mode) !== null;
    return { ...flush, plan: isMass ? null : plan };
  };
}
