import type { Chosen } from './choose.js';
import type { Clock } from './clock.js';
import type { OperationEvent, TargetEvent } from './event.js';
import { asFailure, Failure, failureOf, harmless } from './failure.js';
import { problemOf } from './problem.js';
import type { Call, CallRecord, Done, Effect, Flush, Kill, Node, Target } from './target.js';

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

/** How many ids of a pool a record shows. */
export const drainIdsShown = 1000;

type Sending = Pick<TargetEvent, 'at' | 'target'> & { readonly node: string | null };

/**
 * Kills what was chosen at one node, batch after batch, with a pause of so many milliseconds between two. The only caller of
 * a kill. Never throws.
 */
export async function executeKill(run: Run, kill: Kill, chosen: Chosen, paceMs: number): Promise<void> {
  const { node } = chosen;
  const refs = chosen.items.filter((item) => item.outcome === null);
  if (node === null) return;
  for (let from = 0; from < refs.length; from += kill.batch) {
    const batch = refs.slice(from, from + kill.batch);
    const ids = batch.map((ref) => ref.id);
    if (from > 0) await run.clock.sleep(paceMs, run.call.signal);
    run.emit({ is: 'started', ...here(run, node), call: kill.call, ids });
    try {
      await run.recorded();
      const { call, ended } = await kill.run(node, batch, run.call);
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
      fail(run, node, kill.call, ids, null, failure);
      // A vendor that refused one batch may take the next; one that does not answer is not sent more.
      if (failure.sent !== 'refused') return;
    }
  }
}

/** Makes one mass call of the vendor's own, and follows its job to the end. Never throws. */
export async function executeMass(
  run: Run,
  name: string,
  node: Node | null,
  note: string | null,
  send: (call: Call) => Promise<Done>,
): Promise<void> {
  run.emit({ is: 'started', ...here(run, node), call: name, ids: null });
  let accepted: CallRecord | null = null;
  try {
    await run.recorded();
    const answer = await send(run.call);
    if (answer.is === 'job') {
      accepted = answer.call;
      run.emit({ is: 'accepted', ...here(run, node), call: answer.call });
    }
    conclude(run, node, note, accepted, answer.is === 'job' ? await follow(run, answer.job) : answer);
  } catch (thrown) {
    fail(run, node, name, null, accepted?.jobId ?? null, failureOf(run.target, thrown));
  }
}

/** Follows a job that somebody else's mass call became, and writes how it ended. Never throws. */
export async function executeFollow(run: Run, node: Node | null, accepted: CallRecord, job: string): Promise<void> {
  try {
    conclude(run, node, null, accepted, await follow(run, job));
  } catch (thrown) {
    fail(run, node, accepted.call, null, job, failureOf(run.target, thrown));
  }
}

/** A job is told as the call that began it, not as the poll that saw its end. */
function conclude(
  run: Run,
  node: Node | null,
  note: string | null,
  accepted: CallRecord | null,
  done: Exclude<Done, { is: 'job' }>,
): void {
  if (done.is === 'failed') throw done.failure;
  run.emit({
    is: 'answered',
    ...here(run, node),
    call: accepted ?? done.call,
    ended: null,
    effect: done.effect,
    deferred: done.deferred === undefined ? 0 : done.deferred,
    uncounted: done.uncounted ?? false,
    note: done.note ?? note,
  });
  emitDrain(run, done);
}

export function executeFlush(run: Run, flush: Flush, node: Node | null): Promise<void> {
  return executeMass(run, flush.call, node, flush.note ?? null, (call) => flush.run(node, call));
}

/** Says which members of a pool were marked, where the call marks any. */
function emitDrain({ target, clock, emit }: Run, { effect, marked, uncounted }: Extract<Done, { is: 'done' }>): void {
  const { drainWatchSeconds } = target;
  if (drainWatchSeconds === undefined || marked === undefined) return;
  const at = clock.now();
  const state = uncounted
    ? 'unknown'
    : effect !== 'deferred'
      ? 'drained'
      : drainWatchSeconds === 0
        ? 'ended'
        : 'watching';
  emit({
    is: 'drain',
    at,
    target: target.name,
    drain: {
      state,
      remaining: marked?.length ?? null,
      ids: (marked ?? []).slice(0, drainIdsShown),
      checkedAt: marked === null ? null : new Date(at).toISOString(),
      until: state === 'watching' ? new Date(at + drainWatchSeconds * 1000).toISOString() : null,
    },
  });
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
  run.emit({ is: 'failed', ...here(run, node), call, jobId, ids, problem: problemOf(told), sent: told.sent });
}

function unknownOutcome(failure: Failure): Failure {
  const { message, upstream } = failure;
  return new Failure('outcome-unknown', `It was sent, and what came of it is not known: ${message}`, {
    cause: failure,
    sent: 'perhaps',
    ...(upstream ? { upstream } : {}),
  });
}

function here(run: Run, node: Node | null): Sending {
  return { at: run.clock.now(), target: run.target.name, node: node?.name ?? null };
}

/** Milliseconds between the polls of a job: quick at first, then patient. */
const firstPollMs = 200;
const longestPollMs = 5000;

/** Polls a job until it ends. What was accepted and cannot be followed is unknown, never failed. */
async function follow(
  { target, call, clock }: Pick<Run, 'target' | 'call' | 'clock'>,
  job: string,
): Promise<Exclude<Done, { is: 'job' }>> {
  for (let pause = firstPollMs; clock.now() + pause < call.deadline; pause = Math.min(pause * 1.5, longestPollMs)) {
    await clock.sleep(pause, call.signal);
    if (call.signal.aborted || !target.follow) break;
    try {
      const done = await target.follow(job, call);
      if (done.is !== 'job') return done;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.sent === 'refused')
        throw lost(`The vendor accepted job ${job}, but does not tell of it: ${failure.message}`, failure);
    }
  }
  throw lost(`The vendor accepted job ${job}, but it did not end in time.`);
}

function lost(message: string, cause?: Failure): Failure {
  return new Failure('upstream-timeout', message, {
    sent: 'perhaps',
    ...(cause ? { cause } : {}),
    ...(cause?.upstream ? { upstream: cause.upstream } : {}),
  });
}
