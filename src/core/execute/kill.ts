import type { Chosen } from '../choose/chosen.js';
import type { Clock } from '../model/clock.js';
import type { OperationEvent, TargetEvent } from '../model/event.js';
import { Failure, failureOf, harmless } from '../model/failure.js';
import { problemOf } from '../model/problem.js';
import type { Call, Effect, Kill, Node, Target } from '../model/target.js';
import { waited } from '../model/waiting.js';

/** Adds an event to the record; whatever reads the record here sees it. */
export type Emit = (event: OperationEvent) => void;

/** Everything that a part of an operation needs to run. */
export interface Run {
  readonly target: Target;
  readonly call: Call;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Resolves once all that was added is written and the operation is still ours. Rejects if nothing may be sent. */
  readonly recorded: () => Promise<void>;
}

type Sending = Pick<TargetEvent, 'at' | 'target'> & { readonly node: string | null };

/**
 * Kills what was chosen at one node, batch after batch, with a pause of so many milliseconds between two. The only
 * caller of a kill. Never throws.
 */
export async function executeKill(run: Run, kill: Kill, chosen: Chosen, paceMs: number): Promise<void> {
  const { node } = chosen;
  const refs = chosen.items.filter((item) => item.outcome === null);
  if (node === null) return;
  for (let from = 0; from < refs.length; from += kill.batch) {
    const batch = refs.slice(from, from + kill.batch);
    const ids = batch.map((ref) => ref.id);
    if (from > 0) await waited(run.call.waiting, () => run.clock.sleep(paceMs, run.call.signal));
    run.emit({ is: 'started', ...here(run, node), call: kill.call, ids });
    try {
      await run.recorded();
      const { call, ended } = await waited(run.call.waiting, () => kill.run(node, batch, run.call));
      const effect: Effect = ended.some((one) => one.outcome === 'ended') ? 'ended' : 'none';
      run.emit({
        is: 'answered',
        ...here(run, node),
        call,
        ended,
        effect,
        deferred: 0,
        uncounted: false,
        note: null,
      });
    } catch (thrown) {
      const failure = failureOf(run.target, thrown);
      if (failure.withheld !== undefined) {
        const left = refs.slice(from).map(({ id }) => id);
        run.emit({ is: 'withheld', ...here(run, node), ids: left, why: failure.withheld });
        return;
      }
      fail(run, node, kill.call, ids, null, failure);
      // A vendor that refused one batch may take the next, unless it refused the sender; one that does not answer is
      // not sent more.
      if (failure.sent !== 'refused' || concernsSender(failure)) return;
    }
  }
}

/**
 * Refused for its credentials, its permission or its rate: the next batch would be too, and each may count towards a
 * lock.
 */
function concernsSender({ kind, upstream }: Failure): boolean {
  return kind === 'upstream-throttled' || upstream?.httpStatus === 401 || upstream?.httpStatus === 403;
}

/** Writes that something did not come to a good end: a look if it has no call. */
export function fail(
  run: Run,
  node: Node | null,
  call: string | null,
  ids: readonly string[] | null,
  jobId: string | null,
  failure: Failure,
): void {
  const told = call === null ? harmless(failure) : failure.sent === 'perhaps' ? unknownOutcome(failure) : failure;
  const called = call === null ? null : (failure.call ?? call);
  run.emit({ is: 'failed', ...here(run, node), call: called, jobId, ids, problem: problemOf(told), sent: told.sent });
}

function unknownOutcome(failure: Failure): Failure {
  const { message, upstream } = failure;
  return new Failure('outcome-unknown', `It was sent, and what came of it is not known: ${message}`, {
    cause: failure,
    sent: 'perhaps',
    ...(upstream ? { upstream } : {}),
  });
}

/** The place and the time that an event about a node begins with. */
export function here(run: Run, node: Node | null): Sending {
  return { at: run.clock.now(), target: run.target.name, node: node?.name ?? null };
}
