import { describe, expect, it } from '@jest/globals';
import { chooseForKill, chooseForPlan } from '../choose/choose.js';
import type { ListedItem } from '../model/listed-item.js';
import type { Looked } from './look.js';
import { foreseeItems } from '../choose/survey.js';
import { inBody } from '../model/request.js';
import { everything } from '../model/selection.js';
import { shownOf } from './shown.js';
import { noFacts } from '../model/process.js';
import { nobody, unguarded } from '../model/spec-process.js';
import type { Target } from '../model/target.js';

describe('what a listing shows', () => {
  const [one, other, two] = [
    { ...nobody, id: '1', user: 'sue' },
    { ...nobody, id: '1', user: 'bob' },
    { ...nobody, id: '2' },
  ];

  it('is the first process of each id that was asked for', () => {
    expect(shownOf(['2', '1', '1', '3'], { processes: [one, other, two] })).toEqual(
      new Map([
        ['1', one],
        ['2', two],
      ]),
    );
  });

  it('is nothing where nothing was asked for', () => {
    expect(shownOf([], { processes: [one, two] }).size).toBe(0);
  });
});

describe('a long listing', () => {
  const count = 1000;
  const target: Target = {
    ...unguarded,
    name: 'orders',
    backend: 'taurusdb',
    labels: {},
    description: null,
    facts: new Set(),
    states: new Set(),
    isId: () => true,
    configuredNodes: null,
    nodes: () => Promise.resolve([]),
    lookMs: 1000,
  };
  const node = { name: 'n', id: 'n', component: null };
  const names = Array.from({ length: count }, (_, at) => String(at));
  const items = names.map((id): ListedItem => ({ ...noFacts, id, node: 'n', startedAt: null, outcome: null }));

  /** How often the ids of a listing are looked at, for each of its processes. */
  function readsOf(work: (looked: readonly Looked[]) => unknown): number {
    let reads = 0;
    const processes = names.map((name) => ({
      ...nobody,
      node: 'n',
      get id() {
        reads += 1;
        return name;
      },
    }));
    expect(work([{ node, listing: { processes, complete: true, at: new Date() } }])).toHaveLength(count);
    return reads / count;
  }

  it.each([
    [
      'a kill by ids',
      (looked: readonly Looked[]) =>
        chooseForKill(target, looked, { ...everything, ids: names }, inBody).flatMap((chosen) => chosen.items),
    ],
    ['a plan', (looked: readonly Looked[]) => chooseForPlan(target, looked, items).flatMap((chosen) => chosen.items)],
    ['a dry run', (looked: readonly Looked[]) => foreseeItems(items, node, looked)],
  ])('is gone through a few times, not once for each id, by %s', (_name, work) => {
    expect(readsOf(work)).toBeLessThan(10);
  });
});
