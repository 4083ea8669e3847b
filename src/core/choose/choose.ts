import { chooseNamed } from './choose-named.js';
import { alive, asItem, nowhere, type Chosen } from './chosen.js';
import type { ListedItem } from '../model/listed-item.js';
import { Failure, type FieldError } from '../model/failure.js';
import type { Looked, Sighting } from '../look/look.js';
import type { Process } from '../model/process.js';
import { placeIn, type Writing } from '../model/request.js';
import { fits, selector } from '../model/fits.js';
import { everything, type Selection } from '../model/selection.js';
import { isSameSession } from '../look/same-session.js';
import { shownOf } from '../look/shown.js';
import type { Target } from '../model/target.js';

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
  return alive(looked).map(({ node, listing }) => {
    const isSelected = selector(selection, listing.processes);
    const selected = listing.processes.filter(isSelected);
    const spared = selected.filter((process) => process.protected !== null);
    return {
      node,
      items: selected.filter((process) => process.protected === null).map((process) => asItem(process, listing, null)),
      named: false,
      byFilter: true,
      leftOut: spared.length,
      protected: spared,
      complete: listing.complete,
    };
  });
}

/**
 * Chooses what a plan ends: of what was planned, whatever is still the same session, still fits the selection and may
 * still be ended. What has changed, is protected now, or is not listed any more is skipped, what had been skipped then
 * is left out, and nobody joins. A node that could not be looked at has nothing here: its failure tells of it.
 */
export function chooseForPlan(
  target: Target,
  looked: readonly Looked[],
  planned: readonly ListedItem[],
  selection: Selection = everything,
  byFilter = false,
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
        process ? asItem(process, listing, whyNotAsPlanned(item, process, listing, selection)) : gone(item, listing),
      ),
      named: true,
      byFilter,
      leftOut: 0,
      protected: here.flatMap(({ process }) => (process && process.protected !== null ? [process] : [])),
      complete: true,
    };
  });
  const nodes = new Set(looked.map(({ node }) => node.name));
  const strays = wanted.filter(({ node }) => !nodes.has(node)).map((item) => gone(item));
  return strays.length > 0 && seen.length === looked.length ? [...chosen, nowhere(strays)] : chosen;
}

function whyNotAsPlanned(item: ListedItem, process: Process, listing: Sighting, selection: Selection): string | null {
  if (!isSameSession(item, process, listing) || !fits(process, selection)) return 'changed';
  return process.protected === null ? null : 'protected';
}

function gone(item: ListedItem, listing?: Sighting): ListedItem {
  return { ...item, outcome: 'skipped', why: listing?.complete === false ? 'listCut' : 'notListed' };
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
