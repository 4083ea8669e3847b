import type { ListedItem } from './event.js';
import { Failure, type Fault } from './failure.js';
import type { Looked } from './look.js';
import type { Process } from './process.js';
import type { Place } from './request.js';
import { fits, selects, type Selection } from './selection.js';
import type { Node, Target } from './target.js';

/** What was chosen at one node: items without an outcome are to be sent there, in this order. */
export interface Chosen {
  /** Null for named ids that no node was seen to have. */
  readonly node: Node | null;
  readonly items: readonly ListedItem[];
  /** The caller named these ids. */
  readonly named: boolean;
  /** Processes that Sluice left out by itself. */
  readonly leftOut: number;
  readonly complete: boolean;
}

type Alive = Extract<Looked, { readonly listing: object }>;

const alive = (looked: readonly Looked[]): readonly Alive[] =>
  looked.filter((one): one is Alive => one.listing !== undefined);

/** Chooses what a kill ends: by filter among what was seen, or the named ids. */
export function chooseForKill(
  target: Target,
  looked: readonly Looked[],
  selection: Selection,
  place: Place,
): readonly Chosen[] {
  return selection.ids.length > 0 ? chooseNamed(target, looked, selection, place) : chooseSelected(looked, selection);
}

/** Chooses what a composed flush ends: what it leaves alone is counted. */
export function chooseForFlush(looked: readonly Looked[], selection: Selection): readonly Chosen[] {
  return chooseSelected(looked, selection).map((chosen, index) => ({
    ...chosen,
    leftOut: (alive(looked)[index]?.listing.processes.length ?? 0) - chosen.items.length,
  }));
}

function chooseSelected(looked: readonly Looked[], selection: Selection): readonly Chosen[] {
  return alive(looked).map(({ node, listing }) => ({
    node,
    items: listing.processes.filter((process) => selects(selection, process)).map((process) => asItem(process, null)),
    named: false,
    leftOut: 0,
    complete: listing.complete,
  }));
}

/**
 * Sends each named id to the node that it was seen on. One that no longer fits the other filters is skipped; one that was
 * not seen goes to the only node there is, whose vendor then says so, and nowhere if there are several.
 */
function chooseNamed(target: Target, looked: readonly Looked[], selection: Selection, place: Place): readonly Chosen[] {
  const seen = alive(looked);
  refuseAmbiguous(target, seen, selection.ids, place);
  const [only] = looked.length === 1 ? seen : [];
  const stray: ListedItem[] = [];
  const items = new Map<Node, ListedItem[]>(seen.map(({ node }) => [node, []]));
  for (const id of new Set(selection.ids)) {
    const place = seen.find(({ listing }) => listing.processes.some((process) => process.id === id));
    const process = place?.listing.processes.find((one) => one.id === id);
    if (place && process) items.get(place.node)?.push(asItem(process, fits(process, selection) ? null : 'noMatch'));
    else if (only) items.get(only.node)?.push(unseen(id, only.node.name, null));
    else stray.push(unseen(id, null, 'notListed'));
  }
  // Completeness is not told: whoever names ids asks for these, not for all that a list can show.
  const chosen = seen.map(({ node }) => ({
    node,
    items: items.get(node) ?? [],
    named: true,
    leftOut: 0,
    complete: true,
  }));
  const nowhere = { node: null, items: stray, named: true, leftOut: 0, complete: true };
  return stray.length > 0 && seen.length > 0 ? [...chosen, nowhere] : chosen;
}

function refuseAmbiguous(target: Target, seen: readonly Alive[], ids: readonly string[], place: Place): void {
  const errors = ids.flatMap((id, index): Fault[] => {
    const nodes = seen.filter(({ listing }) => listing.processes.some((process) => process.id === id));
    if (nodes.length < 2) return [];
    const names = nodes.map(({ node }) => `"${node.name ?? ''}"`).join(' and ');
    return [
      { ...place('id', index), message: `The id ${id} lives on the nodes ${names} of "${target.name}": add node.` },
    ];
  });
  const [first] = errors;
  if (first) throw new Failure('ambiguous-process', first.message, { errors });
}

function asItem(process: Process, why: string | null): ListedItem {
  const { id, node, user, client, database, application, command, state } = process;
  const facts = { id, node, user, client, database, application, command, state };
  return why === null ? { ...facts, outcome: null } : { ...facts, outcome: 'skipped', why };
}

function unseen(id: string, node: string | null, why: string | null): ListedItem {
  const facts = { id, node, user: null, client: null, database: null, application: null, command: null, state: null };
  return why === null ? { ...facts, outcome: null } : { ...facts, outcome: 'skipped', why };
}
