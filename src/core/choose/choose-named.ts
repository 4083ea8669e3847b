import { alive, asItem, nowhere, unseen, type Alive, type Chosen } from './chosen.js';
import type { ListedItem } from '../model/listed-item.js';
import { Failure, type FieldError } from '../model/failure.js';
import { idKey } from '../model/ids.js';
import type { Looked } from '../look/look.js';
import { shownOf } from '../look/shown.js';
import type { Process } from '../model/process.js';
import { placeIn, type Writing } from '../model/request.js';
import { blockingSelector, fits } from '../model/fits.js';
import type { Selection } from '../model/selection.js';
import type { Node, Target } from '../model/target.js';

/**
 * Sends each named id to the node that it was seen on, if every other node that could have it was seen whole: else
 * it may not be the one that was meant. One that is protected, or that no longer fits the other filters,
 * is skipped. One that was not seen goes to the only node there is, if its vendor says of each id whether it was there,
 * and if nobody can be spared by mistake: its list was whole, and nothing is protected by configuration.
 */
export function chooseNamed(
  target: Target,
  looked: readonly Looked[],
  selection: Selection,
  writing: Writing,
): readonly Chosen[] {
  const seen = alive(looked);
  refuseAmbiguous(target, seen, selection.ids, writing);
  const homes = seen.map(({ node, listing }) => ({
    ...{ node, listing, shown: shownOf(selection.ids, listing) },
    fitsBlocking: blockingSelector(selection, listing.processes),
    unsure: whyUnsure(looked.filter((one) => one.node !== node)),
  }));
  const [only] = looked.length === 1 ? seen : [];
  const place = looked.length === 1 ? looked[0]?.node : undefined;
  const stray: ListedItem[] = [];
  const items = new Map<Node, ListedItem[]>(seen.map(({ node }) => [node, []]));
  const spared = new Map<Node, Process[]>(seen.map(({ node }) => [node, []]));
  for (const id of new Map(selection.ids.map((one) => [idKey(one), one])).values()) {
    const home = homes.find(({ shown }) => shown.has(id));
    const process = home?.shown.get(id);
    if (home && process) {
      if (process.protected !== null) spared.get(home.node)?.push(process);
      const why = whySkipped(process, fits(process, selection) && home.fitsBlocking(process), home.unsure);
      items.get(home.node)?.push(asItem(process, home.listing, why));
    } else if (only) {
      const isSafe = target.kill?.tellsNotFound === true && target.safeguards.protect.length === 0;
      const why = whyUnsure(looked) ?? (isSafe ? null : 'notListed');
      items.get(only.node)?.push(unseen(id, only.node.name, why));
    } else {
      stray.push(unseen(id, place?.name ?? null, whyUnsure(looked) ?? 'notListed'));
    }
  }
  // Completeness is not told: a caller that names ids asks for these, not for all that a list can show.
  const chosen = seen.map(({ node }) => ({
    node,
    items: items.get(node) ?? [],
    named: true,
    byFilter: false,
    leftOut: 0,
    protected: spared.get(node) ?? [],
    complete: true,
  }));
  // Where nothing could be seen, the failure says so; where there was only no time, each id is answered for.
  const isTold = seen.length > 0 || looked.every(({ failure }) => failure?.kind === 'upstream-timeout');
  return stray.length > 0 && isTold ? [...chosen, nowhere(stray)] : chosen;
}

/** Why these nodes may have an id that they were not seen to have; null if they cannot. */
function whyUnsure(looked: readonly Looked[]): 'nodeUnseen' | 'listCut' | null {
  if (looked.some(({ failure }) => failure !== undefined)) return 'nodeUnseen';
  return alive(looked).every(({ listing }) => listing.complete) ? null : 'listCut';
}

function whySkipped(process: Process, isWanted: boolean, unsure: string | null): string | null {
  if (process.protected !== null) return 'protected';
  return unsure ?? (isWanted ? null : 'noMatch');
}

/** Throws Failure `ambiguous-process` if an id lives on several nodes, since it does not tell which is meant. */
function refuseAmbiguous(target: Target, seen: readonly Alive[], ids: readonly string[], writing: Writing): void {
  if (seen.length < 2) return;
  const shown = seen.map(({ node, listing }) => ({ node, ids: shownOf(ids, listing) }));
  const errors = ids.flatMap((id, index): FieldError[] => {
    const nodes = shown.filter((one) => one.ids.has(id));
    if (nodes.length < 2) return [];
    const names = nodes.map(({ node }) => `"${node.name ?? ''}"`).join(' and ');
    return [
      {
        ...placeIn(writing, 'id', index),
        message: `The id ${id} lives on the nodes ${names} of "${target.name}": add node.`,
      },
    ];
  });
  const [first] = errors;
  if (first) throw new Failure('ambiguous-process', first.message, { errors });
}
