import type { ListedItem } from '../model/listed-item.js';
import { comparePositions } from '../model/order.js';
import type { KillRequest } from '../model/request.js';
import type { Target } from '../model/target.js';
import type { Survey } from './chosen.js';

/**
 * Of what a filter chose on all targets together, keeps the first so many, in the order that the call wants. The others
 * are left alone, and counted.
 */
export function keepFirst(
  surveys: ReadonlyMap<Target, Survey>,
  { sort = null, first = null }: Pick<KillRequest, 'sort' | 'first'>,
): ReadonlyMap<Target, Survey> {
  if (sort === null && first === null) return surveys;
  const clockOf = (item: ListedItem): number => (sort === null ? 0 : (item[sort] ?? -1));
  const ordered = [...surveys]
    .flatMap(([{ name }, { chosen }]) => chosen.flatMap(({ items }) => items.map((item) => ({ target: name, item }))))
    .filter(({ item }) => item.outcome === null)
    .toSorted(
      (one, other) =>
        clockOf(other.item) - clockOf(one.item) ||
        comparePositions({ ...one.item, target: one.target }, { ...other.item, target: other.target }),
    )
    .map(({ item }) => item);
  const ranks = new Map(ordered.slice(0, first ?? ordered.length).map((item, rank) => [item, rank]));
  return new Map(
    [...surveys].map(([target, { chosen, ...seen }]) => [
      target,
      {
        ...seen,
        chosen: chosen.map((one) => {
          const kept = one.items.filter((item) => item.outcome !== null || ranks.has(item));
          const items = kept.toSorted((left, right) => (ranks.get(left) ?? 0) - (ranks.get(right) ?? 0));
          return { ...one, items, leftOut: one.leftOut + one.items.length - items.length };
        }),
      },
    ]),
  );
}
