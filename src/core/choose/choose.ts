import { refuseAmbiguous } from './ambiguous.js';
import type { ListedItem } from '../model/event.js';
import { Failure, type FieldError } from '../model/failure.js';
import type { Looked, Sighting } from '../look/look.js';
import type { Process } from '../model/process.js';
import { placeIn, type Writing } from '../model/request.js';
import { everything, fits, selector, type Selection } from '../model/selection.js';
import { isSameSession, startedAtOf } from '../look/same-session.js';
import { shownOf } from '../look/shown.js';
import type { Node, Target } from '../model/target.js';

/** What was chosen at one node: items without an outcome are to be sent there, in this order. */
export interface Chosen {
  /** Null for named ids that no node was seen to have. */
  readonly node: Node | null;
  readonly items: readonly ListedItem[];
  /** The caller named these ids. */
  readonly named: boolean;
  /** Processes that Sluice left out by itself. */
  readonly leftOut: number;
  /** What was asked for, and is left alone because it is protected. */
  readonly protected: readonly Process[];
  readonly complete: boolean;
}

type Alive = Extract<Looked, { readonly listing: object }>;

const alive = (looked: readonly Looked[]): readonly Alive[] =>
  looked.filter((one): one is Alive => one.listing !== undefined);

/** Chooses what a kill ends: by filter among what was seen, or the named ids. What is protected is never sent. */
export function chooseForKill(
  target: Target,
  looked: readonly Looked[],
  selection: Selection,
  writing: Writing,
): readonly Chosen[] {
  return selection.ids.length > 0 ? chooseNamed(target, looked, selection, writing) : chooseSelected(looked, selection);
}

/** Chooses what a composed flush ends: what it leaves alone is counted. */
export function chooseForFlush(looked: readonly Looked[], selection: Selection): readonly Chosen[] {
  return chooseSelected(looked, selection).map((chosen, index) => ({
    ...chosen,
    leftOut: (alive(looked)[index]?.listing.processes.length ?? 0) - chosen.items.length,
  }));
}

function chooseSelected(looked: readonly Looked[], selection: Selection): readonly Chosen[] {
  const isSelected = selector(selection);
  return alive(looked).map(({ node, listing }) => {
    const selected = listing.processes.filter(isSelected);
    const spared = selected.filter((process) => process.protected !== null);
    return {
      node,
      items: selected.filter((process) => process.protected === null).map((process) => asItem(process, listing, null)),
      named: false,
      leftOut: spared.length,
      protected: spared,
      complete: listing.complete,
    };
  });
}

/**
 * Sends each named id to the node that it was seen on. One that is protected, or that no longer fits the other filters, is
 * skipped; one that was not seen goes to the only node there is, whose vendor then says so, and nowhere if there are several,
 * or if nobody can say that it is not protected.
 */
function chooseNamed(
  target: Target,
  looked: readonly Looked[],
  selection: Selection,
  writing: Writing,
): readonly Chosen[] {
  const seen = alive(looked);
  refuseAmbiguous(target, seen, selection.ids, writing);
  const homes = seen.map((one) => ({ ...one, shown: shownOf(selection.ids, one.listing) }));
  const [only] = looked.length === 1 ? seen : [];
  const isSafeUnseen = only?.listing.complete === true && target.rails.protect.length === 0;
  const stray: ListedItem[] = [];
  const items = new Map<Node, ListedItem[]>(seen.map(({ node }) => [node, []]));
  const spared = new Map<Node, Process[]>(seen.map(({ node }) => [node, []]));
  for (const id of new Set(selection.ids)) {
    const home = homes.find(({ shown }) => shown.has(id));
    const process = home?.shown.get(id);
    if (home && process) {
      if (process.protected !== null) spared.get(home.node)?.push(process);
      items.get(home.node)?.push(asItem(process, home.listing, whySkipped(process, selection)));
    } else if (only) {
      items.get(only.node)?.push(unseen(id, only.node.name, isSafeUnseen ? null : 'notListed'));
    } else {
      stray.push(unseen(id, null, 'notListed'));
    }
  }
  // Completeness is not told: whoever names ids asks for these, not for all that a list can show.
  const chosen = seen.map(({ node }) => ({
    node,
    items: items.get(node) ?? [],
    named: true,
    leftOut: 0,
    protected: spared.get(node) ?? [],
    complete: true,
  }));
  return stray.length > 0 && seen.length > 0 ? [...chosen, nowhere(stray)] : chosen;
}

function whySkipped(process: Process, selection: Selection): string | null {
  if (process.protected !== null) return 'protected';
  return fits(process, selection) ? null : 'noMatch';
}

function nowhere(items: readonly ListedItem[]): Chosen {
  return { node: null, items, named: true, leftOut: 0, protected: [], complete: true };
}

/**
 * Chooses what a plan ends: of what was planned, whatever is still the same session, still fits the selection and may still be
 * ended. What has changed, is protected now, or is not listed any more is skipped, what had been skipped then is left out, and
 * nobody joins. A node that could not be looked at has nothing here: its failure tells of it.
 */
export function chooseForPlan(
  target: Target,
  looked: readonly Looked[],
  planned: readonly ListedItem[],
  selection: Selection = everything,
): readonly Chosen[] {
  const wanted = planned.filter((item) => item.outcome !== 'skipped');
  const seen = alive(looked);
  const chosen = seen.map(({ node, listing }): Chosen => {
    const planned = wanted.filter((item) => item.node === node.name);
    const ids = planned.map(({ id }) => id);
    const shown = shownOf(ids, listing);
    const here = planned.map((item) => ({ item, process: shown.get(item.id) }));
    return {
      node,
      items: here.map(({ item, process }) =>
        process ? asItem(process, listing, whyNotAsPlanned(item, process, listing, selection)) : gone(item),
      ),
      named: true,
      leftOut: 0,
      protected: here.flatMap(({ process }) => (process && process.protected !== null ? [process] : [])),
      complete: true,
    };
  });
  const nodes = new Set(looked.map(({ node }) => node.name));
  const strays = wanted.filter(({ node }) => !nodes.has(node)).map(gone);
  return strays.length > 0 && seen.length === looked.length ? [...chosen, nowhere(strays)] : chosen;
}

function whyNotAsPlanned(item: ListedItem, process: Process, listing: Sighting, selection: Selection): string | null {
  if (!isSameSession(item, process, listing) || !fits(process, selection)) return 'changed';
  return process.protected === null ? null : 'protected';
}

function gone(item: ListedItem): ListedItem {
  return { ...item, outcome: 'skipped', why: 'notListed' };
}

/** The refusal of a call whose named ids are protected, every one of them; null if they are not, or none was named. */
export function refuseProtected(
  target: Target,
  chosen: readonly Chosen[],
  selection: Selection,
  writing: Writing,
): Failure | null {
  const items = chosen.filter(({ named }) => named).flatMap((one) => one.items);
  if (items.length === 0 || !items.every(({ why }) => why === 'protected')) return null;
  const spared = new Map(chosen.flatMap((one) => one.protected).map((process) => [process.id, process.protected]));
  const errors = selection.ids.map((id, index): FieldError => ({
    ...placeIn(writing, 'id', index),
    message: `The process ${id} of "${target.name}" is protected (${spared.get(id) ?? 'configured'}).`,
  }));
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more: see errors)` : '';
  return new Failure('protected', `${first?.message ?? `All that is meant on "${target.name}" is protected.`}${more}`, {
    errors,
  });
}

function asItem(process: Process, listing: Sighting, why: string | null): ListedItem {
  const { id, node, user, client, database, application, command, state } = process;
  const startedAt = startedAtOf(process, listing);
  const facts = { id, node, user, client, database, application, command, state, startedAt };
  return why === null ? { ...facts, outcome: null } : { ...facts, outcome: 'skipped', why };
}

function unseen(id: string, node: string | null, why: string | null): ListedItem {
  const unknown = { user: null, client: null, database: null, application: null, command: null, state: null };
  const facts = { id, node, ...unknown, startedAt: null };
  return why === null ? { ...facts, outcome: null } : { ...facts, outcome: 'skipped', why };
}
