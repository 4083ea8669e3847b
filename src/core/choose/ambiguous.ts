import { Failure, type FieldError } from '../model/failure.js';
import type { Sighting } from '../look/look.js';
import { placeIn, type Writing } from '../model/request.js';
import { shownOf } from '../look/shown.js';
import type { Node, Target } from '../model/target.js';

/** What was seen on one node. */
interface Seeing {
  readonly node: Node;
  readonly listing: Sighting;
}

/** Throws Failure `ambiguous-process` if an id lives on several nodes: nobody can say which of them is meant. */
export function refuseAmbiguous(
  target: Target,
  seen: readonly Seeing[],
  ids: readonly string[],
  writing: Writing,
): void {
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
