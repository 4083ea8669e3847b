import type { ListedItem } from '../model/listed-item.js';
import type { Looked, Sighting } from '../look/look.js';
import { startedAtOf } from '../look/same-session.js';
import { factsOf, noFacts, type Process } from '../model/process.js';
import type { NamedProcess } from '../model/request.js';
import type { Node } from '../model/target.js';

/** What was chosen at one node: items without an outcome are to be sent there, in this order. */
export interface Chosen {
  /** Null for named ids that no node was seen to have. */
  readonly node: Node | null;
  readonly items: readonly ListedItem[];
  /** The caller named these ids, or they were planned. */
  readonly named: boolean;
  /** A filter chose them, now or when they were planned: caps are judged of them. */
  readonly byFilter: boolean;
  /** Processes that Sluice left out by itself. */
  readonly leftOut: number;
  /** What was asked for, and is left alone because it is protected. */
  readonly protected: readonly Process[];
  readonly complete: boolean;
}

/** What was seen of a target, and what was chosen of that. Nothing has been sent yet. */
export interface Survey {
  readonly looked: readonly Looked[];
  readonly chosen: readonly Chosen[];
  /** Nodes that the configuration does not name, and that were left alone; absent where there are none. */
  readonly unseen?: readonly string[];
}

/** What was seen of a node that could be looked at. */
export type Alive = Extract<Looked, { readonly listing: object }>;

/** Those of which there is a listing. */
export const alive = (looked: readonly Looked[]): readonly Alive[] =>
  looked.filter((one): one is Alive => one.listing !== undefined);

/** Named ids that no node was seen to have. */
export function nowhere(items: readonly ListedItem[]): Chosen {
  return { node: null, items, named: true, byFilter: false, leftOut: 0, protected: [], complete: true };
}

/** A process that was seen: to be sent, unless there is a reason not to. */
export function asItem(process: Process, listing: Sighting, why: string | null): ListedItem {
  const { id, node } = process;
  const facts = { id, node, ...factsOf(process), startedAt: startedAtOf(process, listing) };
  return why === null ? { ...facts, outcome: null } : { ...facts, outcome: 'skipped', why };
}

/** An id that nobody was seen to have. */
export function unseen(id: string, node: string | null, why: string | null): ListedItem {
  const facts = { id, node, ...noFacts, startedAt: null, isUnseen: true as const };
  return why === null ? { ...facts, outcome: null } : { ...facts, outcome: 'skipped', why };
}

/**
 * The same where the target has nodes that nobody looked at: the ids that the caller named may be meant there, unless
 * they were listed with their node, and what a filter chose is not all that fits it.
 */
export function besideUnseen(survey: Survey, listed: readonly NamedProcess[] = []): Survey {
  const placed = new Set(listed.flatMap(({ id, node }) => (node === null ? [] : [id])));
  const sure = (item: ListedItem): ListedItem => {
    const isSure = placed.has(item.id) || (item.outcome === 'skipped' && item.why !== 'notListed');
    return isSure ? item : { ...item, outcome: 'skipped', why: 'nodeUnseen' };
  };
  const chosen = survey.chosen.map((one) =>
    one.named ? { ...one, items: one.items.map(sure) } : { ...one, complete: false },
  );
  return { ...survey, chosen };
}
