import { chooseForFlush, chooseForKill, type Chosen } from './choose.js';
import type { ListedItem } from './event.js';
import { Failure, failureOf } from './failure.js';
import { executeFlush, executeKill, executeMass, fail, type Run } from './execute.js';
import { chooseNodes, lookAtNodes, lookCall, type Looked } from './look.js';
import { defaultMinIdleSeconds, inBody, type MutatingRequest, type Place } from './request.js';
import { everything, type Selection } from './selection.js';
import type { Call, Target } from './target.js';

/** What was seen of a target, and what was chosen of that. Nothing has been sent yet. */
export interface Survey {
  readonly looked: readonly Looked[];
  readonly chosen: readonly Chosen[];
}

/** Does Sluice look at this target and choose by itself, rather than make the vendor's own mass call? */
export function chooses(target: Target, request: MutatingRequest): boolean {
  if (request.kind === 'sessions.tune') return false;
  return request.kind === 'processes.kill' || target.flush?.[request.mode] === undefined;
}

/** Looks afresh and chooses. Throws only what refuses the whole call; a dead node is part of the survey. */
export async function survey(
  { target, call, clock }: Pick<Run, 'target' | 'call' | 'clock'>,
  request: Exclude<MutatingRequest, { kind: 'sessions.tune' }>,
  place: Place,
): Promise<Survey> {
  const within = lookCall(target, call, clock);
  const names =
    request.kind === 'processes.kill' ? request.selection.nodes : request.node === null ? [] : [request.node];
  const looked = await lookAfresh(target, names, within);
  const chosen =
    request.kind === 'processes.kill'
      ? chooseForKill(target, looked, request.selection, place)
      : chooseForFlush(looked, flushSelection(request));
  return { looked, chosen };
}

/** A target whose nodes cannot be found is dead; a node that it does not have is the caller's mistake. */
async function lookAfresh(target: Target, names: readonly string[], call: Call): Promise<readonly Looked[]> {
  try {
    return await lookAtNodes(target, await chooseNodes(target, names, call), call);
  } catch (thrown) {
    const failure = failureOf(target, thrown);
    if (failure.kind === 'invalid-request') throw failure;
    return [{ node: { name: null, id: null, component: null }, failure }];
  }
}

function flushSelection(request: Extract<MutatingRequest, { kind: 'sessions.flush' }>): Selection {
  if (request.mode === 'forced') return everything;
  const idleSeconds = request.minIdleSeconds ?? defaultMinIdleSeconds;
  return { ...everything, states: { includes: ['idle'], excludes: [] }, minimums: { idleSeconds } };
}

/** Runs one target's part of an operation to its end. Never throws what a vendor did: that is an outcome. */
export async function runPart(run: Run, request: MutatingRequest, surveyed: Survey | null): Promise<void> {
  let note: string | null = null;
  let unforeseen = false;
  try {
    if (chooses(run.target, request)) {
      const found = surveyed ?? (await surveyForFlush(run, request));
      await writeSurvey(run, request, found);
      note =
        (request.kind === 'sessions.flush' && request.mode === 'graceful' ? run.target.gracefulNote : null) ?? null;
      if (!request.dryRun) await killChosen(run, found);
    } else if (!request.dryRun) {
      await runMass(run, request);
    } else if (request.kind === 'sessions.flush') {
      note = 'The vendor chooses by itself, so nobody can say beforehand which sessions end.';
      unforeseen = true;
    }
  } catch (thrown) {
    await fail(run, null, null, null, null, failureOf(run.target, thrown));
  }
  await run.emit({ is: 'ended', at: run.clock.now(), target: run.target.name, note, unforeseen });
}

function surveyForFlush(run: Run, request: MutatingRequest): Promise<Survey> {
  if (request.kind !== 'sessions.flush') throw new Failure('internal', 'Only a flush is surveyed while it runs.');
  return survey(run, request, inBody);
}

async function writeSurvey(run: Run, request: MutatingRequest, { looked, chosen }: Survey): Promise<void> {
  for (const { node, failure } of looked) {
    if (failure) await fail(run, node, null, null, null, failure);
  }
  for (const { node, items, named, leftOut, complete } of chosen) {
    await run.emit({
      is: 'listed',
      at: run.clock.now(),
      target: run.target.name,
      node: node?.name ?? null,
      items: request.dryRun ? items.map((item) => preview(item, looked)) : items,
      named,
      leftOut,
      complete,
    });
  }
}

/** An id that nobody saw would end nothing: a preview says so, where the real call leaves that word to the vendor. */
function preview(item: ListedItem, looked: readonly Looked[]): ListedItem {
  if (item.outcome !== null) return item;
  const wasSeen = looked.some(
    ({ node, listing }) => node.name === item.node && listing?.processes.some((process) => process.id === item.id),
  );
  return wasSeen ? { ...item, outcome: 'wouldEnd' } : { ...item, outcome: 'skipped', why: 'notListed' };
}

async function killChosen(run: Run, { chosen }: Survey): Promise<void> {
  const { kill } = run.target;
  if (!kill) throw new Failure('internal', `The target "${run.target.name}" was admitted to a kill that it cannot do.`);
  await Promise.all(chosen.map((one) => executeKill(run, kill, one)));
}

async function runMass(run: Run, request: MutatingRequest): Promise<void> {
  const { target } = run;
  if (request.kind === 'sessions.tune' && target.tune) {
    const { tune } = target;
    await executeMass(run, tune.call, null, tune.note ?? null, (call) => tune.run(request.settings, call));
    return;
  }
  const flush = request.kind === 'sessions.flush' ? target.flush?.[request.mode] : undefined;
  if (request.kind !== 'sessions.flush' || !flush) {
    throw new Failure('internal', `The target "${target.name}" was admitted to what it cannot do.`);
  }
  if (flush.per === 'target' && request.node === null) {
    await executeFlush(run, flush, null);
    return;
  }
  const nodes = await chooseNodes(
    target,
    request.node === null ? [] : [request.node],
    lookCall(target, run.call, run.clock),
  );
  await Promise.all(nodes.map((node) => executeFlush(run, flush, node)));
}
