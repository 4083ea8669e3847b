import type { AdmittedCall } from '../choose/admitted.js';
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
): ReadonlyMap<Target, Call> {
  const { kind } = call.request;
  return new Map(
    call.targets.map((target) => {
      const own = span?.child('target', kind, { kind, target: target.name, backend: target.backend });
      return [target, { ...callOf(requestId, now), ...(own ? { span: own } : {}), ...(waiting ? { waiting } : {}) }];
    }),
  );
}

/** Ends the spans of a call of which no operation of its own comes. */
export function endSpans(calls: ReadonlyMap<Target, Call>, outcome: string, isFailure: boolean): void {
  for (const { span } of calls.values()) span?.end(outcome, isFailure);
}

/** A record is only asked how its target came out where somebody follows that. */
export function endSpan({ span }: Call, record: OpenRecord, { name }: Target): void {
  if (!span) return;
  const state = record.operation.targets.find(({ target }) => target === name)?.state ?? 'unknown';
  span.end(state, state !== 'succeeded' && state !== 'planned');
}
