import type { Clock } from '../model/clock.js';
import { Failure, failureOf, harmless } from '../model/failure.js';
import type { Position } from '../model/order.js';
import { problemOf, type Problem } from '../model/problem.js';
import type { Process, Protection, Seen } from '../model/process.js';
import { joined, narrowingsOf } from './narrow.js';
import { chooseNodes } from './nodes.js';
import { oneProcessEach } from './one-process.js';
import { pageOf } from './page.js';
import { unseenNodes } from './unseen.js';
import { protectionOf } from './protect.js';
import type { LookRequest } from '../model/request.js';
import { selector } from '../model/fits.js';
import type { Call, Listing, Node, Target } from '../model/target.js';
import type { Narrowing, Sought } from '../model/sought.js';
import { waited } from '../model/waiting.js';

/** The processes of one node at one moment, each once, and told whether it is protected. */
export interface Sighting extends Omit<Listing, 'processes'> {
  readonly processes: readonly Process[];
}

/** What a look at one node gave. */
export type Looked =
  | { readonly node: Node; readonly listing: Sighting; readonly failure?: undefined }
  | { readonly node: Node; readonly failure: Failure; readonly listing?: undefined };

/** What one target contributed to a look. Numbers are null if none of it could be seen. */
export interface LookedTarget {
  readonly target: string;
  /** `failed` if any of its nodes could not be seen; `skipped` if it cannot judge what was asked. */
  readonly status: 'ok' | 'failed' | 'skipped';
  /** Why it was skipped; absent of any other. */
  readonly why?: string;
  readonly matched: number | null;
  readonly connected: number | null;
  /** The vendor's lists were whole. */
  readonly complete: boolean;
  /** Nodes that the configuration does not name, and that were not looked at; absent if there are none. */
  readonly nodesUnseen?: readonly string[];
  readonly collectedAt: string | null;
  readonly problem?: Problem;
}

/** One page of what was seen, and how looking at each target went. */
export interface LookAnswer {
  readonly items: readonly Process[];
  readonly targets: readonly LookedTarget[];
  /** Where the next page begins; null if this was the last. */
  readonly next: Position | null;
}

/** Looks at one node: directly, or by way of a look that was just taken. */
export type LookAtNode = (target: Target, node: Node, call: Call, sought?: Sought) => Promise<Sighting>;
/** Looks at one node. Rejects with Failure. */
export const lookAtNode: LookAtNode = (target, node, call, sought) => {
  if (!target.look) throw new Failure('unsupported-operation', `The target "${target.name}" cannot be looked at.`);
  return target.look(node, call, sought).then((listing) => sightingOf(target, listing));
};

/** How nodes are looked at, and what for. */
interface Looking {
  readonly look?: LookAtNode;
  readonly sought?: Sought;
  /** What matters fits one of these: where the vendor cut its list, it is asked again for each. */
  readonly narrowings?: readonly Narrowing[];
}

/**
 * Looks at some nodes of a target side by side. A dead node does not hide the others. This is the one way to see
 * processes, so that whoever shows or ends them sees the same protections.
 */
export async function lookAtNodes(
  target: Target,
  nodes: readonly Node[],
  call: Call,
  { look = lookAtNode, sought, narrowings = [] }: Looking = {},
): Promise<readonly Looked[]> {
  return Promise.all(
    nodes.map(async (node) => {
      try {
        const listing = await look(target, node, call, sought);
        if (!listing.isCut || narrowings.length === 0) return { node, listing };
        const others = narrowings.map((narrowing) => lookAtNode(target, node, call, { narrowing }));
        return { node, listing: joined(listing, await Promise.all(others)) };
      } catch (thrown) {
        return { node, failure: harmless(failureOf(target, thrown)) };
      }
    }),
  );
}

function sightingOf(target: Target, { processes, ...listing }: Listing): Sighting {
  return { ...listing, processes: oneProcessEach(processes.map((seen) => judged(seen, protectionOf(target, seen)))) };
}

/** Member by member: copies that leave one out take four times as long, and there may be tens of thousands. */
function judged(seen: Seen, protection: Protection | null): Process {
  return {
    id: seen.id,
    target: seen.target,
    backend: seen.backend,
    node: seen.node,
    user: seen.user,
    client: seen.client,
    database: seen.database,
    application: seen.application,
    command: seen.command,
    state: seen.state,
    idleSeconds: seen.idleSeconds,
    busySeconds: seen.busySeconds,
    ageSeconds: seen.ageSeconds,
    transactionSeconds: seen.transactionSeconds,
    waitEvent: seen.waitEvent,
    blockedBy: seen.blockedBy,
    statementId: seen.statementId,
    statement: seen.statement,
    draining: seen.draining,
    protected: protection,
  };
}

/** The call that a look at this target may take, within that of its caller. */
export function lookCall(target: Target, call: Call, clock: Clock): Call {
  return { ...call, deadline: Math.min(call.deadline, clock.now() + target.lookMs) };
}

/** Looks at all targets side by side and merges what was seen. Throws only if nothing at all could be seen. */
export async function lookAt(
  targets: readonly Target[],
  request: LookRequest,
  call: Call,
  clock: Clock,
  look: LookAtNode,
): Promise<LookAnswer> {
  const seen = await waited(call.waiting, () =>
    Promise.all(targets.map((target) => see(target, targets, request, call, clock, look))),
  );
  const [first] = seen;
  if (first?.failure && seen.every(({ failure, matched }) => failure && matched === null)) throw first.failure;
  const matched = seen.flatMap((one) => one.matched ?? []);
  return { ...pageOf(matched, request), targets: seen.map(tell) };
}

interface SeenTarget {
  readonly target: Target;
  readonly matched: readonly Process[] | null;
  readonly listings: readonly Sighting[];
  readonly failure: Failure | undefined;
  readonly unseen: readonly string[];
}

async function see(
  target: Target,
  all: readonly Target[],
  request: LookRequest,
  call: Call,
  clock: Clock,
  look: LookAtNode,
): Promise<SeenTarget> {
  const span = call.span?.child('target', 'look', { kind: 'look', target: target.name, backend: target.backend });
  const asksLocks = request.selection.blocking !== undefined;
  const within = { ...lookCall(target, call, clock), asksLocks, ...(span ? { span } : {}) };
  try {
    const nodes = await chooseNodes(target, request.selection.nodes, within, {
      writing: request.writing,
      isOnly: all.length === 1,
    });
    const looking = { look, narrowings: narrowingsOf(target, request.selection) };
    const [looked, unseen] = await Promise.all([
      lookAtNodes(target, nodes, within, looking),
      unseenNodes(target, request.selection.nodes, within),
    ]);
    const listings = looked.flatMap(({ listing }) => listing ?? []);
    const failure = looked.find((one) => one.failure)?.failure;
    const processes = listings.flatMap((listing) => listing.processes);
    const fitting = listings.length === 0 && failure ? null : processes.filter(selector(request.selection, processes));
    const matched = request.isUnprotected ? (fitting?.filter((one) => one.protected === null) ?? null) : fitting;
    span?.end(failure?.kind ?? 'ok', failure !== undefined);
    return { target, matched, listings, failure, unseen };
  } catch (thrown) {
    const failure = harmless(failureOf(target, thrown));
    span?.end(failure.kind, true);
    return { target, matched: null, listings: [], failure, unseen: [] };
  }
}

function tell({ target, matched, listings, failure, unseen }: SeenTarget): LookedTarget {
  const times = listings.map((listing) => listing.at.getTime());
  return {
    target: target.name,
    status: failure ? 'failed' : 'ok',
    matched: matched?.length ?? null,
    connected: matched === null ? null : listings.reduce((sum, listing) => sum + listing.processes.length, 0),
    complete: !failure && unseen.length === 0 && listings.every((listing) => listing.complete),
    ...(unseen.length > 0 ? { nodesUnseen: unseen } : {}),
    collectedAt: times.length === 0 ? null : new Date(Math.min(...times)).toISOString(),
    ...(failure ? { problem: problemOf(failure) } : {}),
  };
}
