import { chooseForFlush, chooseForKill, chooseForPlan, type Chosen } from '../choose/choose.js';
import type { ListedItem } from '../model/event.js';
import { Failure, failureOf } from '../model/failure.js';
import { executeFlush, executeMass } from './mass.js';
import { executeKill, fail, type Run } from './kill.js';
import { chooseNodes, lookAtNodes, lookCall, type Looked } from '../look/look.js';
import { defaultMinIdleSeconds, type MutatingRequest, type Place } from '../model/request.js';
import { everything, flushSelection, type Selection } from '../model/selection.js';
import { shownOf } from '../look/shown.js';
import { strategyOf } from '../model/abilities.js';
import type { Call, Node, Target } from '../model/target.js';

/** What was seen of a target, and what was chosen of that. Nothing has been sent yet. */
export interface Survey {
  readonly looked: readonly Looked[];
  readonly chosen: readonly Chosen[];
}

/** A call for which Sluice chooses whom to end. */
export type ChoosingRequest = Exclude<MutatingRequest, { readonly kind: 'sessions.tune' }>;

/** Milliseconds between two batches of a flush: a vendor's own mass call would spread its work as well. */
const flushPaceMs = 100;

/** Does Sluice look at this target and choose by itself, rather than make the vendor's own mass call? */
export function chooses(target: Target, request: MutatingRequest): boolean {
  if (request.kind === 'sessions.tune') return false;
  return request.kind === 'processes.kill' || request.plan !== null || strategyOf(target, request.mode) === 'selective';
}

/** Looks afresh and chooses. Throws only what refuses the whole call; a dead node is part of the survey. */
export async function survey(
  { target, call, clock }: Pick<Run, 'target' | 'call' | 'clock'>,
  request: ChoosingRequest,
  place: Place,
): Promise<Survey> {
  const within = lookCall(target, call, clock);
  const planned = request.plan?.victims.get(target.name) ?? [];
  // Whom nobody planned to end need not be looked at.
  if (request.plan && planned.length === 0) return { looked: [], chosen: [] };
  const among = { place, isOnly: request.targets.length === 1 || request.plan !== null };
  const looked = await lookAfresh(target, nodesOf(request, planned), within, among, request.plan !== null);
  return { looked, chosen: choose(target, looked, request, planned, place) };
}

function nodesOf(request: ChoosingRequest, planned: readonly ListedItem[]): readonly string[] {
  if (request.plan) return [...new Set(planned.flatMap(({ node }) => node ?? []))];
  if (request.kind === 'processes.kill') return request.selection.nodes;
  return request.node === null ? [] : [request.node];
}

function choose(
  target: Target,
  looked: readonly Looked[],
  request: ChoosingRequest,
  planned: readonly ListedItem[],
  place: Place,
): readonly Chosen[] {
  if (request.plan) return chooseForPlan(target, looked, planned, stillFitting(target, request));
  if (request.kind === 'processes.kill') return chooseForKill(target, looked, request.selection, place);
  const minIdleSeconds = request.minIdleSeconds ?? defaultMinIdleSeconds;
  return chooseForFlush(looked, flushSelection(target, request.mode, minIdleSeconds));
}

/** What a plan fixed was chosen already; but a graceful flush ends nobody who began to execute something since. */
function stillFitting(target: Target, request: ChoosingRequest): Selection {
  return request.kind === 'sessions.flush' ? flushSelection(target, request.mode, 0) : everything;
}

/** A target whose nodes cannot be found is dead; a node that it does not have is the caller's mistake, but no plan's. */
async function lookAfresh(
  target: Target,
  names: readonly string[],
  call: Call,
  among: Parameters<typeof chooseNodes>[3],
  isPlanned: boolean,
): Promise<readonly Looked[]> {
  try {
    return await lookAtNodes(target, await chooseNodes(target, names, call, among), call);
  } catch (thrown) {
    const failure = failureOf(target, thrown);
    if (failure.kind === 'invalid-request' && !isPlanned) throw failure;
    return [{ node: { name: null, id: null, component: null }, failure }];
  }
}

/** Runs one target's part of an operation to its end. Never throws what a vendor did: that is an outcome. */
export async function runPart(
  run: Run,
  request: MutatingRequest,
  surveyed: Survey | null,
  place: Place,
): Promise<void> {
  let note: string | null = null;
  let unforeseen = false;
  try {
    if (request.kind !== 'sessions.tune' && chooses(run.target, request)) {
      const found = surveyed ?? (await survey(run, request, place));
      writeSurvey(run, request, found);
      note = noteOn(run.target, request, found);
      if (!request.dryRun) await killChosen(run, request, found);
    } else if (!request.dryRun) {
      await runMass(run, request);
    } else if (request.kind === 'sessions.flush') {
      note = 'The vendor chooses by itself, so nobody can say beforehand which sessions end.';
      unforeseen = true;
    }
  } catch (thrown) {
    fail(run, null, null, null, null, failureOf(run.target, thrown));
  }
  run.emit({ is: 'ended', at: run.clock.now(), target: run.target.name, note, unforeseen });
}

/** What a graceful flush cannot promise about those whom it ends, where it ends anybody. */
function noteOn({ gracefulNote }: Target, request: ChoosingRequest, { chosen }: Survey): string | null {
  const isGraceful = request.kind === 'sessions.flush' && request.mode === 'graceful';
  const isAnybody = chosen.some(({ items }) => items.some(({ outcome }) => outcome === null));
  return (isGraceful && isAnybody ? gracefulNote : null) ?? null;
}

function writeSurvey(run: Run, request: MutatingRequest, { looked, chosen }: Survey): void {
  for (const { node, failure } of looked) {
    if (failure) fail(run, node, null, null, null, failure);
  }
  for (const { node, items, named, leftOut, complete } of chosen) {
    run.emit({
      is: 'listed',
      at: run.clock.now(),
      target: run.target.name,
      node: node?.name ?? null,
      items: request.dryRun ? foresee(items, node, looked) : items,
      named,
      leftOut,
      complete,
    });
  }
}

/** An id that nobody saw would end nothing: a dry run says so, where the real call leaves that word to the vendor. */
export function foresee(
  items: readonly ListedItem[],
  node: Node | null,
  looked: readonly Looked[],
): readonly ListedItem[] {
  const { listing } = looked.find((one) => one.node === node) ?? {};
  const ids = items.map(({ id }) => id);
  const shown = shownOf(ids, listing ?? { processes: [] });
  return items.map((item) => {
    if (item.outcome !== null) return item;
    return shown.has(item.id) ? { ...item, outcome: 'wouldEnd' } : { ...item, outcome: 'skipped', why: 'notListed' };
  });
}

async function killChosen(run: Run, request: ChoosingRequest, { chosen }: Survey): Promise<void> {
  const { kill } = run.target;
  if (!kill) throw new Failure('internal', `The target "${run.target.name}" was admitted to a kill that it cannot do.`);
  const paceMs = request.kind === 'sessions.flush' ? flushPaceMs : 0;
  await Promise.all(chosen.map((one) => executeKill(run, kill, one, paceMs)));
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
