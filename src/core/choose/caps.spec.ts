import { describe, expect, it } from '@jest/globals';
import { capErrors, refuseTooMany } from './caps.js';
import type { Survey } from './chosen.js';
import { chooseForKill } from './choose.js';
import { inQuery } from '../model/request.js';
import { everything } from '../model/selection.js';
import { noSafeguards, nobody, unguarded } from '../model/spec-process.js';
import type { Safeguards } from '../model/safeguards.js';
import type { Target } from '../model/target.js';

const node = { name: 'n', id: 'n', component: null };

function targetWith(safeguards: Partial<Safeguards>, name = 'orders'): Target {
  return {
    ...unguarded,
    safeguards: { ...noSafeguards, ...safeguards },
    name,
    backend: 'taurusdb',
    labels: {},
    description: null,
    facts: new Set(['user']),
    states: new Set(['idle', 'active']),
    isId: () => true,
    configuredNodes: null,
    nodes: () => Promise.resolve([node]),
    lookMs: 1000,
  };
}

/**
 * What a kill by filter chose: of so many idle ones, beside the others and the protected, or the first so many by their
 * ids.
 */
function surveyed(target: Target, idle: number, others = 0, spared = 0, named = 0): Survey {
  const processes = Array.from({ length: idle + others + spared }, (_, index) => ({
    ...nobody,
    id: String(index),
    state: index < idle || index >= idle + others ? ('idle' as const) : ('active' as const),
    protected: index >= idle + others ? ('vendor' as const) : null,
  }));
  const looked = [{ node, listing: { processes, complete: true, at: new Date(0) } }];
  const ids = processes.slice(0, named).map(({ id }) => id);
  const selection =
    named > 0 ? { ...everything, ids } : { ...everything, states: { includes: ['idle' as const], excludes: [] } };
  return { looked, chosen: chooseForKill(target, looked, selection, inQuery) };
}

describe('capErrors', () => {
  it.each<[string, Partial<Safeguards>, [number, number?, number?, number?], RegExp[]]>([
    ['as many as may be', { maxProcesses: 50 }, [50, 70], []],
    ['one too many', { maxProcesses: 50 }, [51, 69], [/^51 of 120 .*at most 50 a call \(maxProcesses\)/]],
    ['half of them', { maxShare: 0.5 }, [5, 5], []],
    ['more than half', { maxShare: 0.5 }, [6, 4], [/^6 of 10 .*at most 5, a share of 0\.5 \(maxShare\)/]],
    ['more than half, of a few', { maxShare: 0.5 }, [9], []],
    ['more than half of those that are not protected', { maxShare: 0.5 }, [6, 0, 6], []],
    ['the protected count as connected', { maxShare: 0.5 }, [6, 0, 3], []],
    ['the protected count as connected, and make them ten', { maxShare: 0.5 }, [6, 0, 4], [/^6 of 10/]],
    ['nobody but the protected', { maxShare: 0.01, maxProcesses: 1 }, [0, 0, 90], []],
    ['a share that a double misses', { maxShare: 0.29 }, [29, 71], []],
    ['a share that a double misses, and one more', { maxShare: 0.29 }, [30, 70], [/at most 29,/]],
    ['all of them, where that is allowed', { maxShare: 1 }, [40], []],
    ['too many by both', { maxProcesses: 5, maxShare: 0.1 }, [20], [/maxProcesses/, /maxShare/]],
    ['named ids', { maxProcesses: 5, maxShare: 0.1 }, [20, 0, 0, 20], []],
  ])('%s', (_name, safeguards, counts, expected) => {
    const target = targetWith(safeguards);
    const errors = capErrors(target, surveyed(target, ...counts));
    expect(errors).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('counts the connected of every node that could be seen', () => {
    const target = targetWith({ maxShare: 0.5 });
    const { looked, chosen } = surveyed(target, 6, 3);
    const other = { node: { ...node, name: 'm' }, listing: { processes: [nobody], complete: true, at: new Date(0) } };
    expect(capErrors(target, { looked, chosen })).toEqual([]);
    expect(capErrors(target, { looked: [...looked, other], chosen })).toEqual([expect.stringContaining('6 of 10')]);
  });
});

describe('refuseTooMany', () => {
  it('refuses nothing where there are few', () => {
    const target = targetWith({ maxProcesses: 50 });
    expect(refuseTooMany(new Map([[target, surveyed(target, 5)]]), 5, inQuery)).toBeNull();
  });

  it('tells every cap of every target, with its numbers', () => {
    const [orders, carts] = [targetWith({ maxProcesses: 5 }), targetWith({ maxProcesses: 6, maxShare: 0.5 }, 'carts')];
    const surveys = new Map([orders, carts].map((target) => [target, surveyed(target, 12)]));
    const refusal = refuseTooMany(surveys, null, inQuery);
    expect(refusal).toMatchObject({ kind: 'too-many-processes', sent: 'never' });
    expect(refusal?.message).toBe(
      '12 of 12 connected processes of "orders" match: at most 5 a call (maxProcesses). (and 2 more: see errors) What passes: first=5 with a sort, ids (up to 1000), or a second person: send it with approval=request, so that somebody else can approve it.',
    );
    expect(refusal?.errors).toEqual([
      { parameter: 'target', message: expect.stringContaining('"orders"') },
      { parameter: 'target', message: expect.stringContaining('maxProcesses') },
      { parameter: 'target', message: expect.stringContaining('at most 6, a share of 0.5') },
    ]);
  });

  it('holds what the caller allows against all targets together, named ids included', () => {
    const [orders, carts] = [targetWith({}), targetWith({}, 'carts')];
    const surveys = new Map([
      [orders, surveyed(orders, 3)],
      [carts, surveyed(carts, 4)],
    ]);
    expect(refuseTooMany(surveys, 7, inQuery)).toBeNull();
    expect(refuseTooMany(surveys, 6, inQuery)?.errors).toEqual([
      { parameter: 'max', message: '7 processes match, and max is 6: nothing was sent.' },
    ]);
    const byId = new Map([[orders, surveyed(orders, 3, 0, 0, 2)]]);
    expect(refuseTooMany(byId, 1, inQuery)?.kind).toBe('too-many-processes');
  });
});
