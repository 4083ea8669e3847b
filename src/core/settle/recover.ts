import type { OperationEvent, TargetEvent } from '../model/event.js';
import { executeFollow } from '../execute/mass.js';
import type { Run } from '../execute/kill.js';
import { Failure } from '../model/failure.js';
import { openEnds } from '../record/open-ends.js';
import type { OpenRecord } from '../record/open-record.js';
import { problemOf } from '../model/problem.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';

/**
 * Brings the parts of an operation that another replica began to their end, sending nothing again: jobs that the
 * vendor accepted are followed, whatever else was started is unknown.
 */
export async function finish(
  record: OpenRecord,
  targets: Pick<Targets, 'named'>,
  runOf: (target: Target) => Run,
): Promise<void> {
  await Promise.all(
    record.operation.targets
      .filter(({ state }) => state === 'running')
      .map(async ({ target: name }) => {
        const target = targets.named(name);
        if (target) await followJobs(runOf(target), record.eventsOn(name));
        endPart(record, name);
      }),
  );
}

/** Ends one target's part as it stands: whatever was started is unknown, and what never was has failed. */
export function endPart(record: OpenRecord, target: string): void {
  const at = record.clock.now();
  const ended = { is: 'ended', at, target, note: 'Sluice stopped before the vendor answered.' } as const;
  const events = [...record.eventsOn(target), ended];
  // What is unknown outweighs what was not sent.
  const unsent = openEnds(events).length > 0 ? [] : unsentAt(events);
  const facts = { call: null, jobId: null, ids: null, problem: problemOf(notSent), sent: notSent.sent };
  const failed = unsent.map((node): OperationEvent => ({ is: 'failed', at, target, node, ...facts }));
  record.add(...failed, ended);
}

const notSent = new Failure('draining', 'Sluice stopped before this was sent.');

/** The nodes at which something was left unsent: null if none was reached yet. */
function unsentAt(events: readonly TargetEvent[]): readonly (string | null)[] {
  const started = events.filter((event) => event.is === 'started');
  const nodes = events.flatMap((event) => {
    if (event.is !== 'listed') return [];
    const told = events.filter((one) => one.is === 'started' || one.is === 'withheld');
    const sent = new Set(told.flatMap(({ node, ids }) => (node === event.node ? (ids ?? []) : [])));
    return event.items.some(({ id, outcome }) => outcome === null && !sent.has(id)) ? [event.node] : [];
  });
  if (nodes.length > 0 || started.length > 0 || events.some(({ is }) => is === 'failed')) return nodes;
  return [null];
}

async function followJobs(run: Run, events: readonly TargetEvent[]): Promise<void> {
  await Promise.all(
    events.map(async (event) => {
      if (event.is !== 'accepted' || event.call.jobId === null) return;
      const isAnswered = events.some(
        (other) => (other.is === 'answered' || other.is === 'failed') && other.node === event.node,
      );
      if (isAnswered) return;
      const node = event.node === null ? null : { name: event.node, id: null, component: null };
      await executeFollow(run, node, event.call, event.call.jobId);
    }),
  );
}
