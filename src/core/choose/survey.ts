import type { Chosen } from './chosen.js';
import { chooseForFlush, chooseForKill, chooseForPlan } from './choose.js';
import { chooseNodes, lookAtNodes, lookCall, type Looked } from '../look/look.js';
import { shownOf } from '../look/shown.js';
import { strategyOf } from '../model/abilities.js';
import type { Clock } from '../model/clock.js';
import type { ListedItem } from '../model/event.js';
import { failureOf } from '../model/failure.js';
import { defaultMinIdleSeconds, type MutatingRequest } from '../model/request.js';
import { everything, flushSelection, type Selection } from '../model/selection.js';
import type { Call, Node, Target } from '../model/target.js';

/** What was seen of a target, and what was chosen of that. Nothing has been sent yet. */
export interface Survey {
  readonly looked: readonly Looked[];
  readonly chosen: readonly Chosen[];
}

/** A call for which Sluice chooses whom to end. */
export type ChoosingRequest = Exclude<MutatingRequest, { readonly kind: 'sessions.tune' }>;

/** What a survey of one target needs. */
interface Surveying {
  readonly target: Target;
  readonly call: Call;
  readonly clock: Clock;
}

/** Does Sluice look at this target and choose by itself, rather than make the vendor's own mass call? */
export function chooses(target: Target, request: MutatingRequest): boolean {
  if (request.kind === 'sessions.tune') return false;
  return request.kind === 'processes.kill' || request.plan !== null || strategyOf(target, request.mode) === 'selective';
}

/** Looks afresh and chooses. Throws only what refuses the whole call; a dead node is part of the survey. */
export async function survey({ target, call, clock }: Surveying, request: ChoosingRequest): Promise<Survey> {
  const within = lookCall(target, call, clock);
  const planned = request.plan?.victims.get(target.name) ?? [];
  // Whom nobody planned to end need not be looked at.
  if (request.plan && planned.length === 0) return { looked: [], chosen: [] };
  const among = { writing: request.writing, isOnly: request.targets.length === 1 || request.plan !== null };
  const all = await lookAfresh(target, nodesOf(target, request, planned), within, among, request.plan !== null);
  const looked = request.plan ? all.filter((one) => isNeeded(one, planned)) : all;
  return { looked, chosen: choose(target, looked, request, planned) };
}

/** A node on which nobody was planned to end is looked at for the caps alone: it may be dead. */
function isNeeded({ node, failure }: Looked, planned: readonly ListedItem[]): boolean {
  return failure === undefined || node.name === null || planned.some((item) => item.node === node.name);
}

function nodesOf(target: Target, request: ChoosingRequest, planned: readonly ListedItem[]): readonly string[] {
  if (request.plan) {
    const judged = request.plan.byFilter ? (request.plan.nodes.get(target.name) ?? []) : [];
    return [...new Set([...planned.map(({ node }) => node), ...judged])].filter((node) => node !== null);
  }
  if (request.kind === 'processes.kill') return request.selection.nodes;
  return request.node === null ? [] : [request.node];
}

function choose(
  target: Target,
  looked: readonly Looked[],
  request: ChoosingRequest,
  planned: readonly ListedItem[],
): readonly Chosen[] {
  if (request.plan) return chooseForPlan(target, looked, planned, stillFitting(target, request), request.plan.byFilter);
  if (request.kind === 'processes.kill') return chooseForKill(target, looked, request.selection, request.writing);
  const minIdleSeconds = request.minIdleSeconds ?? defaultMinIdleSeconds;
  return chooseForFlush(looked, flushSelection(target, request.mode, minIdleSeconds));
}

/** What a plan fixed was chosen already; but a graceful flush ends nobody who began to execute something since. */
function stillFitting(target: Target, request: ChoosingRequest): Selection {
  return request.kind === 'sessions.flush' ? flushSelection(target, request.mode, 0) : everything;
}

/**
 * A target whose nodes cannot be found is dead; a node that it does not have is the caller's mistake, but no plan's.
 */
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

/** An id that nobody saw would end nothing: a dry run says so, where the real call leaves that word to the vendor. */
export function foreseeItems(
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
