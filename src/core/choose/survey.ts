import { besideUnseen, type Chosen, type Survey } from './chosen.js';
import { chooseListed } from './choose-listed.js';
import { keepFirst } from './first.js';
import { foreseeMass } from './foresee-mass.js';
import { chooseForFlush, chooseForKill, chooseForPlan } from './choose.js';
import { lookAtNodes, lookCall, type Looked } from '../look/look.js';
import { chooseNodes } from '../look/nodes.js';
import { unseenNodes } from '../look/unseen.js';
import { isNeeded, listedOn, lookingFor, nodesOf } from './looking-for.js';
import { shownOf } from '../look/shown.js';
import { strategyOf } from '../model/abilities.js';
import type { Clock } from '../model/clock.js';
import type { ListedItem } from '../model/listed-item.js';
import { Failure, failureOf, type FieldError } from '../model/failure.js';
import { mostShared } from '../model/problem.js';
import { defaultMinIdleSeconds, placeIn, type MutatingRequest, type Writing } from '../model/request.js';
import { everything, flushSelection, type Selection } from '../model/selection.js';
import type { Call, Node, Target } from '../model/target.js';

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
  if (request.kind === 'processes.kill' || request.plan !== null) return true;
  return strategyOf(target, request.mode, request.text !== undefined) === 'selective';
}

/** Looks afresh and chooses. Throws only what refuses the whole call; a dead node is part of the survey. */
export async function survey({ target, call, clock }: Surveying, request: ChoosingRequest): Promise<Survey> {
  const asksLocks = request.kind === 'processes.kill' && request.selection.blocking !== undefined;
  const within = { ...lookCall(target, call, clock), asksLocks };
  const planned = request.plan?.victims.get(target.name) ?? [];
  // Whom nobody planned to end need not be looked at.
  if (request.plan && planned.length === 0) return { looked: [], chosen: [] };
  const among = {
    writing: request.writing,
    isOnly: (request.targets.length === 1 && !listedOn(target, request)) || request.plan !== null,
  };
  const nodes = nodesOf(target, request, planned);
  const looking = lookingFor(target, request, planned);
  const [all, unseen] = await Promise.all([
    lookAfresh(target, nodes, within, among, request, looking),
    request.plan ? [] : unseenNodes(target, nodes, within),
  ]);
  const looked = request.plan ? all.filter((one) => isNeeded(one, planned)) : all;
  const chosen = choose(target, looked, request, planned);
  const seen = looked.reduce((sum, { listing }) => sum + (listing?.processes.length ?? 0), 0);
  call.holding?.hold(
    seen,
    chosen.reduce((sum, { items }) => sum + items.length, 0),
  );
  return unseen.length === 0 ? { looked, chosen } : besideUnseen({ looked, chosen, unseen }, listedOn(target, request));
}

function choose(
  target: Target,
  looked: readonly Looked[],
  request: ChoosingRequest,
  planned: readonly ListedItem[],
): readonly Chosen[] {
  if (request.plan) return chooseForPlan(target, looked, planned, stillFitting(target, request), request.plan.byFilter);
  const listed = listedOn(target, request);
  if (listed) return chooseListed(target, looked, listed);
  if (request.kind === 'processes.kill') return chooseForKill(target, looked, request.selection, request.writing);
  const minIdleSeconds = request.minIdleSeconds ?? defaultMinIdleSeconds;
  return chooseForFlush(looked, flushSelection(target, request.mode, minIdleSeconds, request.text));
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
  { plan }: ChoosingRequest,
  looking: Parameters<typeof lookAtNodes>[3],
): Promise<readonly Looked[]> {
  try {
    return await lookAtNodes(target, await chooseNodes(target, names, call, among), call, looking);
  } catch (thrown) {
    const failure = failureOf(target, thrown);
    if (failure.kind === 'invalid-request' && plan === null) throw failure;
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

/** What was seen of all targets before the first is touched. */
interface SurveyedTargets {
  /** Of those on which Sluice chooses by itself; of a dry run, of those that the vendor would flush, too. */
  readonly surveys: ReadonlyMap<Target, Survey>;
  /** Why a call that needs all its targets cannot have them. */
  readonly unreachable: Failure | null;
}

/**
 * A kill is refused by what a look shows, a dry run tells of it, a plan is bound to it, and `requireAll` needs every
 * target: then all are looked at, side by side, before the first is touched. Any other flush looks while it runs.
 */
export async function surveyAll(
  calls: ReadonlyMap<Target, Call>,
  request: MutatingRequest,
  clock: Clock,
): Promise<SurveyedTargets> {
  const needsAll = needsEvery(request);
  if (!looksFirst(request)) return { surveys: new Map(), unreachable: null };
  const found = await Promise.all(
    [...calls].map(async ([target, call]) => {
      if (request.kind !== 'sessions.tune' && chooses(target, request)) {
        const surveyed = await survey({ target, call, clock }, request);
        const failure = needsAll ? surveyed.looked.find((one) => one.failure)?.failure : undefined;
        return { target, surveyed, failure };
      }
      const isForeseen = request.dryRun && request.kind === 'sessions.flush';
      const surveyed = isForeseen ? await foreseeMass(target, call, clock, request) : null;
      return { target, surveyed, failure: needsAll ? await reach(target, call, clock) : undefined };
    }),
  );
  const surveys = new Map(found.flatMap(({ target, surveyed }) => (surveyed ? [[target, surveyed] as const] : [])));
  const isOrdered = request.kind === 'processes.kill' && request.plan === null;
  return {
    surveys: isOrdered ? keepFirst(surveys, request) : surveys,
    unreachable: refuseUnreachable(found, request.writing),
  };
}

/** Are targets looked at before the record of such a call begins? */
export function looksFirst(request: MutatingRequest): boolean {
  if (request.kind === 'processes.kill' || request.dryRun) return true;
  if (request.kind !== 'sessions.flush') return false;
  return request.requireAll || request.plan !== null || request.isForApproval === true;
}

/** Is nothing touched unless every target can be? */
export function needsEvery(request: MutatingRequest): boolean {
  return request.kind === 'sessions.flush' && request.requireAll;
}

/** Why a target cannot be looked at now: its circuit is open, or it does not answer. */
async function reach(target: Target, call: Call, clock: Clock): Promise<Failure | undefined> {
  const within = lookCall(target, call, clock);
  try {
    const looked = await lookAtNodes(target, await chooseNodes(target, [], within), within);
    return looked.find((one) => one.failure)?.failure;
  } catch (thrown) {
    return failureOf(target, thrown);
  }
}

function refuseUnreachable(
  found: readonly { readonly target: Target; readonly failure: Failure | undefined }[],
  writing: Writing,
): Failure | null {
  const errors = found.flatMap(({ target, failure }, index): readonly FieldError[] =>
    failure
      ? [{ ...placeIn(writing, 'targets', index), message: `"${target.name}" cannot be reached: ${failure.message}` }]
      : [],
  );
  const [first] = errors;
  if (!first) return null;
  const failures = found.flatMap(({ failure }) => failure ?? []);
  const kind = mostShared(failures.map((failure) => failure.kind));
  const shared = failures.find((failure) => failure.kind === kind);
  const others = errors.length === 1 ? '' : ` (and ${String(errors.length - 1)} more: see errors)`;
  return new Failure(kind, `requireAll: ${first.message}${others} Nothing was touched.`, {
    errors,
    ...(shared?.upstream ? { upstream: shared.upstream } : {}),
    ...(shared?.retryAfterMs === undefined ? {} : { retryAfterMs: shared.retryAfterMs }),
  });
}
