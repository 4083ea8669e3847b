import { flushAt } from '../model/abilities.js';
import type { Failure } from '../model/failure.js';
import type { Foreseen, ForeseenCall, Preview } from '../model/operation.js';
import { massNodesOf } from './foresee-mass.js';
import { chooses, foreseeItems } from './survey.js';
import type { Survey } from './chosen.js';
import { problemOf } from '../model/problem.js';
import { factsOf, type Process, type ProcessFacts } from '../model/process.js';
import type { MutatingRequest } from '../model/request.js';
import { planLifeOf } from './claims.js';
import { tellRequest } from './selection-text.js';
import type { Target } from '../model/target.js';

/** How many processes a dry run tells in full, and how many protected ones at all. */
const toldInFull = 100;
const protectedTold = 1000;

/** What a dry run tells beyond its record: whom, how, and what would stand in the way. */
export function previewOf(
  targets: readonly Target[],
  surveys: ReadonlyMap<Target, Survey>,
  request: MutatingRequest,
  refusal: Failure | null,
  operation: string,
  now: number,
): Preview {
  const found = targets.map((target) => {
    const surveyed = surveys.get(target) ?? { looked: [], chosen: [] };
    return { target, surveyed, doomed: doomedOf(surveyed, target) };
  });
  const spared = found.flatMap(({ surveyed: { chosen } }) => chosen.flatMap((one) => one.protected));
  const planNote = whyNoPlan(targets, request, refusal);
  const plan = { id: planOf(operation), expiresAt: new Date(now + planLifeOf(targets)).toISOString() };
  return {
    filterText: tellRequest(
      request,
      targets.map(({ name }) => name),
    ),
    refusal: refusal && problemOf(refusal),
    plan: planNote === null ? plan : null,
    planNote,
    protected: shorten(spared.slice(0, protectedTold).map(foreseenOf)).map((one, index) => ({
      ...one,
      why: spared[index]?.protected ?? 'configured',
    })),
    victims: shorten(found.flatMap(({ doomed }) => doomed)),
    calls: found.flatMap(({ target, surveyed, doomed }) => callsOf(target, surveyed, doomed, request)),
  };
}

/** A plan is kept in the dry run that made it. */
export const planOf = (operation: string): string => operation.replace(/^op_/, 'plan_');
export const operationOf = (plan: string): string => plan.replace(/^plan_/, 'op_');

function doomedOf({ looked, chosen }: Survey, target: Target): readonly Foreseen[] {
  return chosen.flatMap(({ items, node }) =>
    foreseeItems(items, node, looked)
      .filter((item) => item.outcome === 'wouldEnd')
      .map((item) => foreseenOf({ ...item, target: target.name })),
  );
}

function foreseenOf(process: Pick<Process, 'target' | 'node' | 'id'> & ProcessFacts): Foreseen {
  const { target, node, id } = process;
  return { target, node, id, ...factsOf(process) };
}

function shorten(all: readonly Foreseen[]): readonly Foreseen[] {
  return all.map((one, index) => (index < toldInFull ? one : { target: one.target, node: one.node, id: one.id }));
}

function callsOf(
  target: Target,
  { unseen = [] }: Survey,
  doomed: readonly Foreseen[],
  request: MutatingRequest,
): readonly ForeseenCall[] {
  if (chooses(target, request)) {
    const { kill } = target;
    if (!kill) return [];
    const nodes = [...new Set(doomed.map(({ node }) => node))];
    return nodes.flatMap((node) => {
      const count = doomed.filter((one) => one.node === node).length;
      return Array.from({ length: Math.ceil(count / kill.batch) }, (_, index) => ({
        target: target.name,
        node,
        call: kill.call,
        ...kill.route,
        ids: Math.min(kill.batch, count - index * kill.batch),
      }));
    });
  }
  const ids = null;
  if (request.kind === 'sessions.tune') {
    const { tune } = target;
    return tune ? [{ target: target.name, node: null, call: tune.call, ...tune.route, ids }] : [];
  }
  const flush = request.kind === 'sessions.flush' && target.flush?.[request.mode];
  if (!flush) return [];
  return massNodesOf(target, flush.per, request.node, unseen).map((node) => {
    const { call, route } = flushAt(flush, node);
    return { target: target.name, node, call, ...route, ids };
  });
}

/** Why a plan can fix nothing on a target; null if it can. */
export function whyUnplanned(target: Target, request: MutatingRequest): string | null {
  if (request.kind === 'sessions.tune' || chooses(target, request)) return null;
  return "The vendor's own mass call chooses by itself whom it ends here: no plan can fix that, and the plan leaves it out.";
}

function whyNoPlan(targets: readonly Target[], request: MutatingRequest, refusal: Failure | null): string | null {
  if (request.kind === 'sessions.tune') return 'A tune ends no session, so there is nothing to fix.';
  if (refusal) return 'The call would be refused now, so it leaves no plan.';
  const native = targets.filter((target) => !chooses(target, request)).map(({ name }) => `"${name}"`);
  // What can be fixed is: of each other target its own note tells.
  if (native.length < targets.length) return null;
  return `The vendor's own mass call chooses by itself whom it ends on ${native.join(', ')}: no plan can fix that.`;
}
