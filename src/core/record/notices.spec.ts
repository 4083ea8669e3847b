import { describe, expect, it } from '@jest/globals';
import { prepared } from '../../store/spec-operations.js';
import { fold } from './fold.js';
import { noticesOfBeginning, noticesOfEvents } from './notices.js';

const forced = { mode: 'forced' } as const;
const typesOf = (header: Parameters<typeof prepared>[1]) =>
  noticesOfBeginning(prepared('op_1', header)).map(({ type, id }) => `${type} ${id}`);

describe('the beginning of an operation', () => {
  it('is told where it is forced, and where it is an emergency', () => {
    expect(typesOf({})).toEqual([]);
    expect(typesOf({ header: { ...forced, dryRun: true } })).toEqual([]);
    expect(typesOf({ header: forced })).toEqual(['operation.forced msg_op_1_forced']);
    expect(typesOf({ header: { ...forced, breakGlass: true } })).toEqual([
      'operation.breakGlass msg_op_1_breakGlass',
      'operation.forced msg_op_1_forced',
    ]);
  });
});

describe('what is told', () => {
  it('is bounded, however many targets there are and however long their words', () => {
    const targets = Array.from({ length: 500 }, (_, index) => `target-${String(index)}-${'x'.repeat(50)}`);
    const long = '雪'.repeat(5000);
    const header = { ...forced, requestedBy: long, onBehalfOf: long, reason: long, requestId: 'r'.repeat(128) };
    const [notice] = noticesOfBeginning(prepared('op_1', { targets, header }));
    const facts = notice!.facts();
    expect(facts['targets']).toHaveLength(20);
    expect(facts['targetsOmitted']).toBe(480);
    expect(Buffer.byteLength(JSON.stringify(facts))).toBeLessThan(16_384);
    expect(notice!.targets).toHaveLength(500);
  });

  it('is nothing of what was seen: neither ids, users nor statements', () => {
    const first = prepared('op_1', { header: forced });
    const started = { is: 'started', at: first.at, target: 'pool', node: null, call: 'flushpool', ids: null } as const;
    const closed = { is: 'closed', at: first.at } as const;
    const events = [first, started, { is: 'ended', at: first.at, target: 'pool', note: 'a note' } as const, closed];
    const [notice] = noticesOfEvents(events, () => fold(events));
    expect(notice?.type).toBe('operation.unknown');
    const [target] = notice!.facts()['targets'] as readonly object[];
    expect(Object.keys(target ?? {})).toEqual(['target', 'backend', 'state', 'strategy', 'counts', 'code']);
  });

  it('is the end of a drain, once for each target', () => {
    const first = prepared('op_1', { targets: ['a', 'b'] });
    const drain = (state: 'watching' | 'drained', target: string) => ({
      ...({ is: 'drain', at: first.at, target } as const),
      drain: { state, remaining: 0, ids: ['acme_m1'], checkedAt: null, until: null },
    });
    const events = [drain('watching', 'a'), drain('drained', 'a'), drain('drained', 'b')];
    const notices = noticesOfEvents(events, () => fold([first, ...events]));
    expect(notices.map(({ id, targets }) => [id, targets])).toEqual([
      ['msg_op_1_drained_0', ['a']],
      ['msg_op_1_drained_1', ['b']],
    ]);
    expect(JSON.stringify(notices.map(({ facts }) => facts()))).not.toContain('acme_m1');
  });
});
