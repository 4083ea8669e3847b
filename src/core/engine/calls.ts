import type { AdmittedCall } from '../choose/admitted.js';
import type { Room } from '../model/room.js';
import type { Call, Target } from '../model/target.js';
import type { OpenRecord } from '../record/open-record.js';
import type { Asking } from './opening.js';

/** The most that an operation's exchanges with one target may take: jobs and pacing included. */
const longestPartMs = 600_000;

/** What the vendors' calls of an operation carry along from now on, but for their span. */
export function callOf(requestId: string, now: number): Call {
  return { requestId, signal: new AbortController().signal, deadline: now + longestPartMs, isUrgent: true };
}

/** What the vendors' calls carry along, for each target of a call. */
export function callsOf(
  call: AdmittedCall,
  { requestId, span, waiting }: Asking,
  now: number,
  room: Room,
): ReadonlyMap<Target, Call> {
  const holding = room.forTargets(call.targets.length);
  const { kind } = call.request;
  return new Map(
    call.targets.map((target) => {
      const own = span?.child('target', kind, { kind, target: target.name, backend: target.backend });
      return [
        target,
        {
          ...callOf(requestId, now),
          holding: holding(),
          ...(own ? { span: own } : {}),
          ...(waiting ? { waiting } : {}),
        },
      ];
    }),
  );
}

/** Ends the spans and gives back the room of a call of which no operation of its own comes. */
export function endCalls(calls: ReadonlyMap<Target, Call>, outcome: string, isFailure: boolean): void {
  for (const { span, holding } of calls.values()) {
    span?.end(outcome, isFailure);
    holding?.end();
  }
}

/** A record is only asked how its target came out where somebody follows that. */
export function endCall({ span, holding }: Call, record: OpenRecord, { name }: Target): void {
  holding?.end();
  if (!span) return;
  const state = record.operation.targets.find(({ target }) => target === name)?.state ?? 'unknown';
  span.end(state, state !== 'succeeded' && state !== 'planned');
}
