import type { TargetEvent } from '../model/event.js';

type Kind = TargetEvent['is'];

/** The events of one kind. */
export type Of<Is extends Kind> = Extract<TargetEvent, { readonly is: Is }>;

/** The events of one target: all of them, and those of each kind, in order. */
export type TargetEvents = { readonly all: readonly TargetEvent[] } & {
  readonly [Is in Kind]: readonly Of<Is>[];
};

/** Sorts the events of one target by their kind, once for all that asks for some of them. */
export function byKind(all: readonly TargetEvent[]): TargetEvents {
  const kinds: { [Is in Kind]: Of<Is>[] } = {
    ...{ proposed: [], listed: [], started: [], accepted: [], answered: [], failed: [] },
    ...{ withheld: [], ended: [], verified: [], seen: [], drain: [] },
  };
  for (const event of all) {
    // A newer release may have written what this one does not know.
    const same: TargetEvent[] = Object.hasOwn(kinds, event.is) ? kinds[event.is] : [];
    same.push(event);
  }
  return { all, ...kinds };
}

/** Did a later listing settle what was not known of this call? */
export function isSettled(failed: Of<'failed'>, events: TargetEvents): boolean {
  if (failed.call === null || failed.sent !== 'perhaps') return false;
  const verified = events.verified.filter(({ node }) => node === failed.node);
  if (failed.ids === null) return verified.some(({ ids }) => ids === null);
  const gone = new Set(verified.flatMap(({ ids }) => ids ?? []));
  return failed.ids.every((id) => gone.has(id));
}

/** Did a later listing show that the mass call had its effect? */
export function isMassVerified({ node }: Of<'started'>, events: TargetEvents): boolean {
  return events.verified.some((verified) => verified.node === node && verified.ids === null);
}

/** How a mass call ended: there is one a node. */
export function endOf(
  started: Of<'started'> | Of<'accepted'>,
  events: TargetEvents,
): Of<'answered'> | Of<'failed'> | undefined {
  return events.all.find(
    (event): event is Of<'answered'> | Of<'failed'> =>
      (event.is === 'answered' || (event.is === 'failed' && event.call !== null)) && event.node === started.node,
  );
}
