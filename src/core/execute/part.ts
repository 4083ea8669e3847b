import { sessionsNow } from '../choose/foresee-mass.js';
import { chooses, foreseeItems, survey, type ChoosingRequest } from '../choose/survey.js';
import type { Survey } from '../choose/chosen.js';
import { lookCall } from '../look/look.js';
import { chooseNodes } from '../look/nodes.js';
import { tellUnseen, unseenNodes } from '../look/unseen.js';
import { flushAt } from '../model/abilities.js';
import type { TargetEvent } from '../model/event.js';
import { Failure, failureOf } from '../model/failure.js';
import type { MutatingRequest } from '../model/request.js';
import type { Node, Target } from '../model/target.js';
import { executeMass } from './mass.js';
import { executeKill, fail, here, type Run } from './kill.js';

/** Milliseconds between two batches of a flush: a vendor's own mass call would spread its work as well. */
const flushPaceMs = 100;

/** Nodes that were left alone have no items: that they are there makes the target less than completed. */
const nothingListed = { items: [], named: false, leftOut: 0 } as const;

/** What is known of a target's part once it is over. */
type PartEnd = Omit<Extract<TargetEvent, { readonly is: 'ended' }>, 'is' | 'at' | 'target'>;

/** Runs one target's part of an operation to its end. Never throws what a vendor did: that is an outcome. */
export async function runPart(run: Run, request: MutatingRequest, surveyed: Survey | null): Promise<void> {
  let end: PartEnd = { note: null };
  try {
    if (request.kind !== 'sessions.tune' && chooses(run.target, request)) {
      const found = surveyed ?? (await survey(run, request));
      writeSurvey(run, request, found);
      end = { note: noteOn(run.target, request, found), ...besides(found.unseen) };
      if (!request.dryRun) await killChosen(run, request, found);
    } else if (!request.dryRun) {
      end = await runMass(run, request);
    } else if (request.kind === 'sessions.flush') {
      end = foresee(run, surveyed ?? { looked: [], chosen: [] });
    }
  } catch (thrown) {
    fail(run, null, null, null, null, failureOf(run.target, thrown));
  }
  run.emit({ is: 'ended', at: run.clock.now(), target: run.target.name, unforeseen: false, ...end });
}

/** What a dry run of the vendor's own mass call can tell. */
function foresee(run: Run, surveyed: Survey): PartEnd {
  const now = sessionsNow(surveyed);
  const choice = 'The vendor chooses by itself, so it is not known beforehand which sessions end.';
  const { note, ...unseen } = leaveAlone(run, surveyed.unseen ?? []);
  return { note: note === null ? choice : `${choice} ${note}`, ...unseen, unforeseen: true, ...(now ? { now } : {}) };
}

/** Writes that nodes were left alone. */
function leaveAlone(run: Run, unseen: readonly string[]): PartEnd {
  if (unseen.length > 0) run.emit({ is: 'listed', ...here(run, null), ...nothingListed, complete: false });
  return { note: tellUnseen(unseen), ...besides(unseen) };
}

function besides(unseen: readonly string[] = []): Pick<PartEnd, 'nodesUnseen'> {
  return unseen.length > 0 ? { nodesUnseen: unseen } : {};
}

/** What the caller should know beside the outcomes. */
function noteOn(target: Target, request: ChoosingRequest, survey: Survey): string | null {
  const notes = [promiseOn(target, request, survey), cutNoteOn(target, survey), tellUnseen(survey.unseen ?? [])];
  return notes.filter((note) => note !== null).join(' ') || null;
}

/** Which filter shows those whom a list that the vendor cut does not. */
function cutNoteOn({ narrowsBy }: Target, { looked }: Survey): string | null {
  const isCut = looked.some(({ listing }) => listing?.isCut === true && !listing.complete);
  if (!isCut || !narrowsBy) return null;
  return `The vendor cut its list: an exact ${[...narrowsBy].join(', ')} in the selection shows whom it left out.`;
}

/** What a graceful flush cannot promise about those whom it ends, where it ends anybody. */
function promiseOn({ gracefulNote }: Target, request: ChoosingRequest, { chosen }: Survey): string | null {
  const isGraceful = request.kind === 'sessions.flush' && request.mode === 'graceful';
  const isAnybody = chosen.some(({ items }) => items.some(({ outcome }) => outcome === null));
  return (isGraceful && isAnybody ? gracefulNote : null) ?? null;
}

function writeSurvey(run: Run, request: MutatingRequest, { looked, chosen }: Survey): void {
  for (const { node, failure } of looked) {
    if (failure) fail(run, node, null, null, null, failure);
  }
  for (const { node, items, named, leftOut, complete } of chosen) {
    const at = looked.find((one) => one.node === node)?.listing?.at;
    run.emit({
      is: 'listed',
      at: run.clock.now(),
      target: run.target.name,
      node: node?.name ?? null,
      items: request.dryRun ? foreseeItems(items, node, looked) : items,
      named,
      leftOut,
      complete,
      ...(at === undefined ? {} : { lookedAt: at.getTime() }),
    });
  }
}

async function killChosen(run: Run, request: ChoosingRequest, { chosen }: Survey): Promise<void> {
  const { kill } = run.target;
  if (!kill) throw new Failure('internal', `The target "${run.target.name}" was admitted to a kill that it cannot do.`);
  const paceMs = request.kind === 'sessions.flush' ? flushPaceMs : 0;
  await Promise.all(chosen.map((one) => executeKill(run, kill, one, paceMs)));
}

async function runMass(run: Run, request: MutatingRequest): Promise<PartEnd> {
  const { target } = run;
  if (request.kind === 'sessions.tune' && target.tune) {
    const { tune } = target;
    await executeMass(run, tune, null, (call) => tune.run(request.settings, call));
    return { note: null };
  }
  const flush = request.kind === 'sessions.flush' ? target.flush?.[request.mode] : undefined;
  if (request.kind !== 'sessions.flush' || !flush) {
    throw new Failure('internal', `The target "${target.name}" was admitted to what it cannot do.`);
  }
  const names = request.node === null ? [] : [request.node];
  const within = lookCall(target, run.call, run.clock);
  const at = (node: Node | null) => executeMass(run, flushAt(flush, node), node, (call) => flush.run(node, call));
  const looked = unseenNodes(target, names, within);
  // The call for the whole instance would end sessions on nodes that the configuration leaves out, too.
  if (flush.per === 'target' && request.node === null && (await looked).length === 0) {
    await at(null);
    return { note: null };
  }
  const nodes = await chooseNodes(target, names, within);
  if (flush.per === 'node') await Promise.all(nodes.map(at));
  else for (const node of nodes) await at(node);
  return leaveAlone(run, await looked);
}
