import { fail, here, type Run } from './kill.js';
import type { OperationEvent } from '../model/event.js';
import { asFailure, Failure, failureOf } from '../model/failure.js';
import type { DrainState } from '../model/operation.js';
import type { Call, CallRecord, Concluded, Done, Flush, Node } from '../model/target.js';
import { waited } from '../model/waiting.js';

type Answered = Extract<OperationEvent, { readonly is: 'answered' }>;

/** How many ids of a pool a record shows. */
export const drainIdsShown = 1000;

/**
 * Makes one mass call of the vendor's own, for the whole target where the node is null, and follows its job to the end.
 * Never throws.
 */
export async function executeMass(
  run: Run,
  { call: name, note }: Pick<Flush, 'call' | 'note'>,
  node: Node | null,
  send: (call: Call) => Promise<Done>,
): Promise<void> {
  run.emit({ is: 'started', ...here(run, node), call: name, ids: null });
  let accepted: CallRecord | null = null;
  try {
    await run.recorded();
    const answer = await waited(run.call.waiting, () => send(run.call));
    if (answer.is === 'job') {
      accepted = answer.call;
      run.emit({ is: 'accepted', ...here(run, node), call: answer.call });
    }
    conclude(run, node, note ?? null, accepted, answer.is === 'job' ? await followed(run, answer.job) : answer);
  } catch (thrown) {
    fail(run, node, name, null, accepted?.jobId ?? null, failureOf(run.target, thrown));
  }
}

/** Follows a job that somebody else's mass call became, and writes how it ended. Never throws. */
export async function executeFollow(run: Run, node: Node | null, accepted: CallRecord, job: string): Promise<void> {
  try {
    conclude(run, node, null, accepted, await followed(run, job));
  } catch (thrown) {
    fail(run, node, accepted.call, null, job, failureOf(run.target, thrown));
  }
}

function followed(run: Run, job: string): Promise<Exclude<Done, { is: 'job' }>> {
  return waited(run.call.waiting, () => follow(run, job));
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
    ...effectOf(done),
    note,
  });
  if (done.is === 'marked') emitDrain(run, done.ids);
  if (done.is === 'unlisted') emitDrain(run, null, done.mayBeListed === 'later');
}

/** What a call did to the sessions that it was about, and how many it left to end later. */
function effectOf(done: Concluded): Pick<Answered, 'effect' | 'deferred' | 'uncounted'> {
  switch (done.is) {
    case 'ended':
    case 'set':
      return { effect: done.is, deferred: 0, uncounted: false };
    case 'marked':
      return { effect: done.ids.length > 0 ? 'deferred' : 'ended', deferred: done.ids.length, uncounted: false };
    case 'unlisted':
      return { effect: 'deferred', deferred: null, uncounted: done.mayBeListed === 'never' };
  }
}

/** Says which members of a pool were marked: null where that is not known, though it may become known. */
export function emitDrain(
  { target, clock, emit }: Pick<Run, 'target' | 'clock' | 'emit'>,
  marked: readonly string[] | null,
  mayBeListed = true,
): void {
  const { drainWatchSeconds } = target;
  if (drainWatchSeconds === undefined) return;
  const at = clock.now();
  const state = drainStateOf(marked, mayBeListed, drainWatchSeconds);
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

function drainStateOf(marked: readonly string[] | null, mayBeListed: boolean, seconds: number): DrainState['state'] {
  if (!mayBeListed) return 'unknown';
  if (marked?.length === 0) return 'drained';
  return seconds === 0 ? 'ended' : 'watching';
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
      // A vendor that wants to be asked less often still knows the job.
      if (failure.sent === 'refused' && failure.kind !== 'upstream-throttled')
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
