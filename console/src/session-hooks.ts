import { useEffect, useRef, useState } from 'react';
import type { LookedTarget } from '../../clients/typescript/src/sluice.ts';
import { useKeys } from './keys.ts';
import { keyOf, type Row } from './tree.ts';

/** Ten minutes of every five seconds. */
const remembered = 120;

/** j and k go through the rows, x selects one, d previews. */
export function useRowKeys(
  rows: readonly Row[],
  selected: ReadonlySet<string>,
  select: (keys: readonly string[], isSelected: boolean) => void,
  preview: () => void,
) {
  const move = (step: number) => {
    const all = [...document.querySelectorAll<HTMLElement>('[data-row]')];
    const at = all.findIndex((one) => one.contains(document.activeElement));
    all[at === -1 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
  };
  useKeys({
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    x: () => {
      const key = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row'];
      const row = rows.find((one) => keyOf(one) === key);
      if (key !== undefined && row?.protected === null) select([key], !selected.has(key));
    },
    d: preview,
  });
}

/** How many were connected to each target, as often as it was looked at. */
export function useConnected(seen: readonly LookedTarget[]): ReadonlyMap<string, readonly number[]> {
  const counts = useRef(new Map<string, number[]>());
  const [known, setKnown] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  useEffect(() => {
    for (const { target, connected } of seen) {
      if (connected === null) continue;
      counts.current.set(target, [...(counts.current.get(target) ?? []), connected].slice(-remembered));
    }
    setKnown(new Map(counts.current));
  }, [seen]);
  return known;
}
