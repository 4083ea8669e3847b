import type { TargetEvent } from '../model/event.js';

/** The events of one kind. */
export type Of<Is extends TargetEvent['is']> = Extract<TargetEvent, { readonly is: Is }>;

/** The events of one kind, in order. */
export function only<Is extends TargetEvent['is']>(events: readonly TargetEvent[], is: Is): readonly Of<Is>[] {
  return events.filter((event): event is Of<Is> => event.is === is);
}

/** Did a later listing settle what was not known of this call? */
export function isSettled(failed: Of<'failed'>, events: readonly TargetEvent[]): boolean {
  if (failed.call === null || failed.sent !== 'perhaps') return false;
  const verified = only(events, 'verified').filter(({ node }) => node === failed.node);
  if (failed.ids === null) return verified.some(({ ids }) => ids === null);
  const gone = new Set(verified.flatMap(({ ids }) => ids ?? []));
  return failed.ids.every((id) => gone.has(id));
}

/** Did a later listing show that the mass call had its effect? */
export function isMassVerified({ node }: Of<'started'>, events: readonly TargetEvent[]): boolean {
  return only(events, 'verified').some((verified) => verified.node === node && verified.ids === null);
}

/** How a mass call ended: there is one a node. */
export function endOf(
  started: Of<'started'> | Of<'accepted'>,
  events: readonly TargetEvent[],
): Of<'answered'> | Of<'failed'> | undefined {
  return events.find(
    (event): event is Of<'answered'> | Of<'failed'> =>
      (event.is === 'answered' || (event.is === 'failed' && event.call !== null)) && event.node === started.node,
  );
}
