import type { TargetEvent } from './event.js';
import { executeFollow, type Run } from './execute.js';
import type { OpenRecord } from './open-record.js';
import { eventsOn } from './settle.js';
import type { Target } from './target.js';

/**
 * Brings the parts of an operation that somebody else began to their end, without sending anything again: jobs that the vendor accepted are
 * followed, whatever else was started is unknown.
 */
export async function finish(
  record: OpenRecord,
  find: (name: string) => Target | undefined,
  runOf: (target: Target) => Run,
): Promise<void> {
  const { clock } = record;
  await Promise.all(
    record.operation.targets
      .filter(({ state }) => state === 'running')
      .map(async ({ target: name }) => {
        const target = find(name);
        if (target) await followJobs(runOf(target), eventsOn(record, name));
        record.add({ is: 'ended', at: clock.now(), target: name, note: 'Sluice stopped before the vendor answered.' });
      }),
  );
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
