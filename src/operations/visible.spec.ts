import { describe, expect, it } from '@jest/globals';
import type { Operation, OperationState } from '../core/model/operation.js';
import { OperationListQuery } from './operation-list.dto.js';
import { isAsked } from './visible.js';

interface Shown {
  readonly target: string;
  readonly ids?: readonly string[];
  readonly itemsOmitted?: number;
  readonly state?: OperationState;
}

function operation(...targets: readonly Shown[]): Operation {
  const shown = targets.map(({ ids = [], itemsOmitted = 0, state = 'succeeded', ...one }) => ({
    ...one,
    state,
    itemsOmitted,
    items: ids.map((id) => ({ id })),
  }));
  return { targets: shown } as unknown as Operation;
}

const orders = { target: 'orders', ids: ['7'] };
const carts = { target: 'carts', ids: ['8'] };
const blanked = { target: '' };

describe('an operation that the journal found', () => {
  it.each<[string, Operation, Partial<OperationListQuery>, boolean]>([
    ['is asked for by nothing', operation(orders, blanked), {}, true],
    ['is asked for by a target that is seen', operation(orders, blanked), { target: 'orders' }, true],
    ['is not by one that is blanked', operation(orders, blanked), { target: 'carts' }, false],
    ['is by a process that it shows', operation(orders), { processId: '7' }, true],
    [
      'is by one that it does not show yet',
      operation({ target: 'orders', state: 'running' }),
      { processId: '7' },
      true,
    ],
    ['is by one of too many to show', operation({ ...orders, itemsOmitted: 1 }), { processId: '9' }, true],
    ['is by a process of a target', operation(orders, carts), { target: 'orders', processId: '7' }, true],
    ['is not by one of another', operation(orders, carts), { target: 'orders', processId: '8' }, false],
    [
      'is by one that its target does not show yet',
      operation({ target: 'orders', state: 'running' }, carts),
      { target: 'orders', processId: '7' },
      true,
    ],
    ['is by what is shown beside a blanked target', operation(orders, blanked), { processId: '7' }, true],
    ['is not by what is not', operation(orders, blanked), { processId: '8' }, false],
    [
      'is not by what may be of the blanked target while another runs',
      operation({ target: 'orders', state: 'running' }, blanked),
      { processId: '8' },
      false,
    ],
    [
      'is not by what may be of the blanked target where another has too many to show',
      operation({ ...orders, itemsOmitted: 1 }, blanked),
      { processId: '8' },
      false,
    ],
    ['is not by a process where all is blanked', operation(blanked), { processId: '7' }, false],
  ])('%s', (_name, found, query, is) => {
    expect(isAsked(found, Object.assign(new OperationListQuery(), query))).toBe(is);
  });
});
