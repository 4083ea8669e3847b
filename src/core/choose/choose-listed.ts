import type { Looked } from '../look/look.js';
import { Failure, type FieldError } from '../model/failure.js';
import { idKey } from '../model/ids.js';
import type { KillRequest, NamedProcess } from '../model/request.js';
import { everything } from '../model/selection.js';
import type { Node, Target } from '../model/target.js';
import { chooseNamed } from './choose-named.js';
import { nowhere, unseen, type Chosen } from './chosen.js';
import type { Survey } from './chosen.js';

/** Chooses processes that a call lists one by one, each with its node or without: once each. */
export function chooseListed(
  target: Target,
  looked: readonly Looked[],
  listed: readonly NamedProcess[],
): readonly Chosen[] {
  const found = [...Map.groupBy(listed, ({ node }) => node)].flatMap(([node, some]): readonly Chosen[] => {
    // A target whose nodes could not be found has one failure for all of them.
    const among =
      node === null
        ? looked
        : looked.filter((one) => one.node.name === node || (one.failure && one.node.name === null));
    if (among.length === 0) return [nowhere(some.map(({ id }) => unseen(id, node, 'notListed')))];
    const lists = { id: { name: 'processes', positions: some.map(({ position }) => position) } };
    return chooseNamed(target, among, { ...everything, ids: some.map(({ id }) => id) }, { in: 'body', lists });
  });
  return [...Map.groupBy(found, ({ node }) => node)].map(([node, some]) => together(node, some));
}

function together(node: Node | null, some: readonly Chosen[]): Chosen {
  const items = new Map(some.flatMap((one) => one.items).map((item) => [`${item.node ?? ''} ${idKey(item.id)}`, item]));
  const spared = new Map(some.flatMap((one) => one.protected).map((process) => [process.id, process]));
  const facts = { named: true, byFilter: false, leftOut: 0, complete: true };
  return { node, items: [...items.values()], protected: [...spared.values()], ...facts };
}

/** The refusal of a call that lists nothing but protected processes; null if one of them may be ended. */
export function refuseListed(surveys: ReadonlyMap<Target, Survey>, { listed }: KillRequest): Failure | null {
  const items = [...surveys.values()].flatMap(({ chosen }) => chosen.flatMap((one) => one.items));
  if (items.length === 0 || !items.every(({ why }) => why === 'protected')) return null;
  const errors = [...(listed ?? [])].flatMap(([target, some]) =>
    some.map(({ id, position }): FieldError => ({
      pointer: `/processes/${String(position)}`,
      message: `The process ${id} of "${target}" is protected.`,
    })),
  );
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more: see errors)` : '';
  return new Failure('protected', `${errors[0]?.message ?? 'All that is meant is protected.'}${more}`, { errors });
}
