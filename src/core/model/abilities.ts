import type { Flush, Mode, Node, Target } from './target.js';

/** The words for what a target can do, as callers see them. */
export const abilities = ['look', 'flush', 'kill', 'tune'] as const;
export type Ability = (typeof abilities)[number];

/**
 * How this target can be flushed so: by the vendor's own mass call, which spares nobody, or by looking, choosing and
 * killing. Null if it cannot. A flush of only some processes is never the vendor's own.
 */
export function strategyOf(target: Target, mode: Mode, isFiltered = false): 'native' | 'selective' | null {
  if (!isFiltered && target.flush?.[mode] !== undefined && target.safeguards.protect.length === 0) return 'native';
  return target.look !== undefined && endsEnough(target, mode) ? 'selective' : null;
}

/** A graceful flush ends the idle, a forced one everybody: nothing less is offered under that name. */
function endsEnough({ kill, states }: Target, mode: Mode): boolean {
  if (!kill) return false;
  const { states: endable } = kill;
  const wanted = mode === 'graceful' ? (['idle'] as const) : [...states];
  return endable === undefined || wanted.every((state) => endable.has(state));
}

/** What can be done to this target. */
export function abilitiesOf(target: Target): readonly Ability[] {
  return abilities.filter((ability) => {
    switch (ability) {
      case 'look':
        return target.look !== undefined;
      case 'kill':
        return target.kill !== undefined;
      case 'flush':
        return strategyOf(target, 'graceful') !== null || strategyOf(target, 'forced') !== null;
      case 'tune':
        return target.tune !== undefined;
    }
  });
}

/** The call of a flush at a node, or at the whole target where that is null. */
export function flushAt(flush: Flush, node: Node | string | null): Flush {
  return node === null ? flush : { ...flush, ...flush.ofNode };
}
