import { noFacts } from '../model/process.js';
import { describe, expect, it } from '@jest/globals';
import type { OperationEvent } from '../model/event.js';
import type { ListedItem } from '../model/listed-item.js';
import { Failure, type FailureKind, type Sent } from '../model/failure.js';
import { foldStates } from './fold-states.js';
import { itemsShown } from './fold-target.js';
import { fold } from './fold.js';
import {
  isCompleted,
  type Counts,
  type OperationHeader,
  type OperationKind,
  type OperationState,
} from '../model/operation.js';
import { problemOf } from '../model/problem.js';
import type { CallRecord, Ended } from '../model/target.js';

const header: OperationHeader = {
  id: 'op_1',
  kind: 'processes.kill',
  mode: null,
  dryRun: false,
  requestedBy: 'billing-app',
  onBehalfOf: 'sue',
  reason: 'nightly',
  requestId: 'r1',
  createdAt: '1970-01-01T00:00:01.000Z',
};

type Of<Is extends OperationEvent['is']> = Extract<OperationEvent, { readonly is: Is }>;

function prepared(names: readonly string[], facts: Partial<OperationHeader> = {}): OperationEvent {
  const targets = names.map((target) => ({ target, backend: 'taurusdb', strategy: null }));
  return { is: 'prepared', at: 1000, header: { ...header, ...facts }, targets, answerBy: 11_000 };
}

function item(id: string, facts: Partial<ListedItem> = {}): ListedItem {
  const seen = { ...noFacts, user: 'u', command: 'Sleep', state: 'idle' } as const;
  return { id, node: 'n', ...seen, startedAt: null, outcome: null, ...facts };
}

const place = { at: 1010, target: 'a', node: 'n' };
const listed = (items: readonly ListedItem[], facts: Partial<Of<'listed'>> = {}): OperationEvent => ({
  is: 'listed',
  ...place,
  items,
  named: false,
  leftOut: 0,
  complete: true,
  ...facts,
});
const started = (ids: readonly string[] | null, facts: Partial<Of<'started'>> = {}): OperationEvent => ({
  is: 'started',
  ...place,
  call: 'kill',
  ids,
  ...facts,
});
const record = (facts: Partial<CallRecord> = {}): CallRecord => ({
  node: 'n',
  call: 'kill',
  code: '0',
  message: 'OK',
  requestId: null,
  jobId: null,
  ...facts,
});
const killed = (ended: readonly Ended[], facts: Partial<Of<'answered'>> = {}): OperationEvent => ({
  is: 'answered',
  ...place,
  call: record(),
  ended,
  effect: ended.some(({ outcome }) => outcome === 'ended') ? 'ended' : 'none',
  deferred: 0,
  uncounted: false,
  note: null,
  ...facts,
});
const done = (facts: Partial<Of<'answered'>> = {}): OperationEvent => ({
  is: 'answered',
  ...place,
  call: record({ call: 'flush' }),
  ended: null,
  effect: 'ended',
  deferred: 0,
  uncounted: false,
  note: null,
  ...facts,
});
const failed = (kind: FailureKind, sent: Sent, facts: Partial<Of<'failed'>> = {}): OperationEvent => ({
  is: 'failed',
  ...place,
  call: 'kill',
  jobId: null,
  ids: null,
  problem: problemOf(new Failure(kind, `${kind}.`, { sent })),
  sent,
  ...facts,
});
const look = (facts: Partial<Of<'failed'>> = {}): OperationEvent =>
  failed('upstream-unavailable', 'perhaps', { call: null, ...facts });
const over = (facts: Partial<Of<'ended'>> = {}): OperationEvent => ({
  is: 'ended',
  at: 1041,
  target: 'a',
  note: null,
  ...facts,
});

const none: Counts = { ended: 0, deferred: 0, notFound: 0, skipped: 0, failed: 0, unknown: 0, wouldEnd: 0 };
const nothingKnown: Counts = {
  ended: null,
  deferred: null,
  notFound: null,
  skipped: null,
  failed: null,
  unknown: null,
  wouldEnd: null,
};
const cutNote = 'The list is not whole: there may be more than was seen.';
const as = (outcome: Ended['outcome'], ...ids: readonly string[]): readonly Ended[] =>
  ids.map((id) => ({ id, outcome }));

interface Expected {
  readonly state: OperationState;
  readonly effect: string;
  readonly counts: Counts;
  readonly note: string | null;
  readonly completed: boolean;
  /** Each item as `id outcome why`. */
  readonly items?: readonly string[];
  readonly problem?: FailureKind | null;
}

interface Row {
  readonly name: string;
  readonly events: readonly OperationEvent[];
  readonly kind?: OperationKind;
  readonly dryRun?: boolean;
  readonly expected: Expected;
}

const quiet = { effect: 'none', note: null, completed: false } as const;

const rows: readonly Row[] = [
  {
    name: 'a kill that ended all',
    events: [listed([item('1'), item('2')]), started(['1', '2']), killed(as('ended', '1', '2')), over()],
    expected: {
      state: 'succeeded',
      effect: 'ended',
      counts: { ...none, ended: 2 },
      note: null,
      completed: true,
      items: ['1 ended', '2 ended'],
      problem: null,
    },
  },
  {
    name: 'a filter that matched nothing',
    events: [listed([]), over()],
    expected: { state: 'succeeded', effect: 'none', counts: none, note: null, completed: true, items: [] },
  },
  {
    name: 'a kill whose processes were all gone already',
    events: [listed([item('1')]), started(['1']), killed(as('notFound', '1')), over()],
    expected: {
      state: 'succeeded',
      effect: 'none',
      counts: { ...none, notFound: 1 },
      note: 'nothing was ended',
      completed: true,
      items: ['1 notFound'],
    },
  },
  {
    name: 'a kill of which some were gone already',
    events: [
      listed([item('1'), item('2')]),
      started(['1', '2']),
      killed([...as('ended', '1'), ...as('notFound', '2')]),
      over(),
    ],
    expected: {
      state: 'succeeded',
      effect: 'ended',
      counts: { ...none, ended: 1, notFound: 1 },
      note: null,
      completed: true,
    },
  },
  {
    name: 'a kill of which one batch was refused',
    events: [
      listed([item('1'), item('2')]),
      started(['1']),
      killed(as('ended', '1')),
      started(['2']),
      failed('upstream-rejected', 'refused', { ids: ['2'] }),
      over(),
    ],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: 1, failed: 1 },
      note: null,
      completed: false,
      items: ['1 ended', '2 failed'],
      problem: 'upstream-rejected',
    },
  },
  {
    name: 'a kill that was refused whole',
    events: [listed([item('1')]), started(['1']), failed('upstream-rejected', 'refused', { ids: ['1'] }), over()],
    expected: { ...quiet, state: 'failed', counts: { ...none, failed: 1 }, problem: 'upstream-rejected' },
  },
  {
    name: 'a kill that never left',
    events: [listed([item('1')]), started(['1']), failed('upstream-unavailable', 'never', { ids: ['1'] }), over()],
    expected: { ...quiet, state: 'failed', counts: { ...none, failed: 1 }, problem: 'upstream-unavailable' },
  },
  {
    name: 'a kill that was not answered',
    events: [listed([item('1')]), started(['1']), failed('outcome-unknown', 'perhaps', { ids: ['1'] }), over()],
    expected: {
      ...quiet,
      state: 'unknown',
      counts: { ...none, unknown: 1 },
      items: ['1 unknown'],
      problem: 'outcome-unknown',
    },
  },
  {
    name: 'a kill of which one batch was not answered, and the next not sent',
    events: [
      listed([item('1'), item('2')]),
      started(['1']),
      failed('outcome-unknown', 'perhaps', { ids: ['1'] }),
      over(),
    ],
    expected: {
      ...quiet,
      state: 'unknown',
      counts: { ...none, unknown: 1, failed: 1 },
      items: ['1 unknown', '2 failed notSent'],
      problem: 'outcome-unknown',
    },
  },
  {
    name: 'a kill that was refused and then not answered: the unknown speaks for both',
    events: [
      listed([item('1'), item('2'), item('3')]),
      started(['1']),
      failed('upstream-rejected', 'refused', { ids: ['1'] }),
      started(['2']),
      failed('upstream-rejected', 'refused', { ids: ['2'] }),
      started(['3']),
      failed('outcome-unknown', 'perhaps', { ids: ['3'] }),
      over(),
    ],
    expected: { ...quiet, state: 'unknown', counts: { ...none, failed: 2, unknown: 1 }, problem: 'outcome-unknown' },
  },
  {
    name: 'a kill that was begun, and of which nothing more was written',
    events: [listed([item('1'), item('2')]), started(['1']), over()],
    expected: {
      ...quiet,
      state: 'unknown',
      counts: { ...none, failed: 1, unknown: 1 },
      items: ['1 unknown', '2 failed notSent'],
    },
  },
  {
    name: 'a vendor that is silent about one of the ids it was given',
    events: [listed([item('1'), item('2')]), started(['1', '2']), killed(as('ended', '1')), over()],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: 1, unknown: 1 },
      note: null,
      completed: false,
      items: ['1 ended', '2 unknown'],
    },
  },
  {
    name: 'a named id that no longer fitted',
    events: [
      listed([item('1', { outcome: 'skipped', why: 'noMatch' }), item('2')], { named: true }),
      started(['2']),
      killed(as('ended', '2')),
      over(),
    ],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: 1, skipped: 1 },
      note: null,
      completed: false,
      items: ['1 skipped noMatch', '2 ended'],
    },
  },
  {
    name: 'a named id that the vendor passed over',
    events: [
      listed([item('1')], { named: true }),
      started(['1']),
      killed([{ id: '1', outcome: 'skipped', why: 'internal' }]),
      over(),
    ],
    expected: { ...quiet, state: 'partial', counts: { ...none, skipped: 1 }, items: ['1 skipped internal'] },
  },
  {
    name: 'a selected process that the vendor passed over',
    events: [
      listed([item('1'), item('2')]),
      started(['1', '2']),
      killed([...as('ended', '1'), { id: '2', outcome: 'skipped', why: 'internal' }]),
      over(),
    ],
    expected: {
      state: 'succeeded',
      effect: 'ended',
      counts: { ...none, ended: 1, skipped: 1 },
      note: null,
      completed: false,
      items: ['1 ended', '2 skipped internal'],
    },
  },
  {
    name: 'a named id that was seen nowhere, beside a node of another one',
    events: [
      listed([item('1')], { named: true }),
      listed([item('2', { node: null, outcome: 'skipped', why: 'notListed' })], { named: true, node: null }),
      started(['1']),
      killed(as('ended', '1')),
      over(),
    ],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: 1, skipped: 1 },
      note: null,
      completed: false,
      items: ['1 ended', '2 skipped notListed'],
    },
  },
  {
    name: 'the same id on two nodes: each has its own end',
    events: [
      listed([item('1')]),
      listed([item('1', { node: 'm' })], { node: 'm' }),
      started(['1']),
      started(['1'], { node: 'm' }),
      killed(as('ended', '1')),
      failed('upstream-rejected', 'refused', { ids: ['1'], node: 'm' }),
      over(),
    ],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: 1, failed: 1 },
      note: null,
      completed: false,
      items: ['1 ended', '1 failed'],
    },
  },
  {
    name: 'what a composed flush left out by itself',
    events: [
      listed([item('1')], { leftOut: 4 }),
      started(['1']),
      killed(as('ended', '1')),
      over({ note: 'Some sleep.' }),
    ],
    expected: {
      state: 'succeeded',
      effect: 'ended',
      counts: { ...none, ended: 1, skipped: 4 },
      note: 'Some sleep.',
      completed: true,
    },
  },
  {
    name: 'a list that the vendor cut',
    events: [listed([item('1')], { complete: false }), started(['1']), killed(as('ended', '1')), over()],
    expected: {
      state: 'succeeded',
      effect: 'ended',
      counts: { ...none, ended: 1 },
      note: cutNote,
      completed: false,
    },
  },
  {
    name: 'a dead node of two',
    events: [listed([item('1')]), look({ node: 'm' }), started(['1']), killed(as('ended', '1')), over()],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: 1, failed: null },
      note: null,
      completed: false,
      problem: 'upstream-unavailable',
    },
  },
  {
    name: 'a dead node of two, and nothing to do on the other',
    events: [listed([]), look({ node: 'm' }), over()],
    expected: { ...quiet, state: 'partial', counts: { ...none, failed: null }, problem: 'upstream-unavailable' },
  },
  {
    name: 'a node that refused, and nothing to do on the other',
    events: [
      listed([item('1')]),
      listed([], { node: 'm' }),
      started(['1']),
      failed('upstream-rejected', 'refused', { ids: ['1'] }),
      over(),
    ],
    expected: {
      ...quiet,
      state: 'failed',
      counts: { ...none, failed: 1 },
      items: ['1 failed'],
      problem: 'upstream-rejected',
    },
  },
  {
    name: 'a node that did not answer, and nothing to do on the other',
    events: [
      listed([], { node: 'm' }),
      listed([item('1')]),
      started(['1']),
      failed('outcome-unknown', 'perhaps', { ids: ['1'] }),
      over(),
    ],
    expected: {
      ...quiet,
      state: 'unknown',
      counts: { ...none, unknown: 1 },
      items: ['1 unknown'],
      problem: 'outcome-unknown',
    },
  },
  {
    name: 'two dead nodes of two',
    events: [look(), look({ node: 'm' }), over()],
    expected: { ...quiet, state: 'failed', counts: { ...none, failed: null }, problem: 'upstream-unavailable' },
  },
  {
    name: 'a mass flush without a count',
    events: [started(null), done({ effect: 'ended' }), over()],
    expected: {
      state: 'succeeded',
      effect: 'ended',
      counts: { ...none, ended: null },
      note: null,
      completed: true,
      items: [],
    },
  },
  {
    name: 'a mass flush that marked some',
    events: [started(null), done({ effect: 'deferred', deferred: 3, note: 'Busy ids log out on release.' }), over()],
    expected: {
      state: 'succeeded',
      effect: 'deferred',
      counts: { ...none, ended: null, deferred: 3 },
      note: 'Busy ids log out on release.',
      completed: false,
    },
  },
  {
    name: 'a mass flush that marked nobody can say how many',
    events: [started(null), done({ effect: 'deferred', deferred: null }), over()],
    expected: {
      state: 'succeeded',
      effect: 'deferred',
      counts: { ...none, ended: null, deferred: null },
      note: null,
      completed: false,
    },
  },
  {
    name: 'a mass flush of a vendor that cannot count at all',
    events: [started(null), done({ effect: 'deferred', deferred: null, uncounted: true }), over()],
    expected: { state: 'succeeded', effect: 'deferred', counts: nothingKnown, note: null, completed: false },
  },
  {
    name: 'settings that were set',
    events: [started(null), done({ effect: 'set', note: 'They end with the session.' }), over()],
    expected: {
      state: 'succeeded',
      effect: 'set',
      counts: none,
      note: 'They end with the session.',
      completed: true,
    },
  },
  {
    name: 'settings of which nobody knows whether they were set: nothing was ended',
    kind: 'sessions.tune',
    events: [started(null), failed('outcome-unknown', 'perhaps', { call: 'session' }), over()],
    expected: { ...quiet, state: 'unknown', counts: { ...none, unknown: null }, problem: 'outcome-unknown' },
  },
  {
    name: 'settings that are being set: nothing is ended',
    kind: 'sessions.tune',
    events: [started(null)],
    expected: { ...quiet, state: 'running', counts: { ...none, unknown: null } },
  },
  {
    name: 'a mass flush that was refused',
    events: [started(null), failed('upstream-conflict', 'refused', { call: 'flush' }), over()],
    expected: { ...quiet, state: 'failed', counts: { ...none, failed: null }, problem: 'upstream-conflict' },
  },
  {
    name: 'a mass flush that was not answered',
    events: [started(null), failed('outcome-unknown', 'perhaps', { call: 'flush' }), over()],
    expected: {
      ...quiet,
      state: 'unknown',
      counts: { ...none, ended: null, deferred: null, unknown: null },
      problem: 'outcome-unknown',
    },
  },
  {
    name: 'a mass flush that was begun, and of which nothing more was written',
    events: [started(null), over()],
    expected: { ...quiet, state: 'unknown', counts: { ...none, ended: null, deferred: null, unknown: null } },
  },
  {
    name: 'a mass flush of two nodes, one of which refused',
    events: [
      started(null),
      started(null, { node: 'm' }),
      done(),
      failed('upstream-rejected', 'refused', { call: 'flush', node: 'm' }),
      over(),
    ],
    expected: {
      state: 'partial',
      effect: 'ended',
      counts: { ...none, ended: null, failed: null },
      note: null,
      completed: false,
      problem: 'upstream-rejected',
    },
  },
  {
    name: 'a mass flush whose nodes could not be found',
    events: [look({ node: null }), over()],
    expected: { ...quiet, state: 'failed', counts: { ...none, failed: null } },
  },
  {
    name: 'a job that was accepted and still runs',
    events: [started(null), { is: 'accepted', ...place, call: record({ call: 'flush', jobId: 'j1' }) }],
    expected: {
      ...quiet,
      state: 'running',
      counts: { ...none, ended: null, deferred: null, unknown: null },
    },
  },
  {
    name: 'a kill that still runs: what is settled so far is shown',
    events: [listed([item('1'), item('2')]), started(['1']), killed(as('ended', '1')), started(['2'])],
    expected: {
      state: 'running',
      effect: 'ended',
      counts: { ...none, ended: 1 },
      note: null,
      completed: false,
      items: ['1 ended'],
    },
  },
  {
    name: 'nothing yet',
    events: [],
    expected: { ...quiet, state: 'running', counts: none, items: [] },
  },
  {
    name: 'a dry run',
    dryRun: true,
    events: [listed([item('1', { outcome: 'wouldEnd' })], { leftOut: 2 }), over()],
    expected: {
      ...quiet,
      state: 'planned',
      counts: { ...none, wouldEnd: 1, skipped: 2 },
      completed: false,
      items: ['1 wouldEnd'],
    },
  },
  {
    name: 'a dry run of the vendor’s own mass call',
    dryRun: true,
    events: [over({ note: 'The vendor chooses.' })],
    expected: { ...quiet, state: 'planned', counts: none, note: 'The vendor chooses.' },
  },
  {
    name: 'a dry run that would skip a named id',
    dryRun: true,
    events: [listed([item('1', { outcome: 'skipped', why: 'noMatch' })], { named: true }), over()],
    expected: { ...quiet, state: 'planned', counts: { ...none, skipped: 1 } },
  },
  {
    name: 'a dry run that could not see anything',
    dryRun: true,
    events: [look(), over()],
    expected: { ...quiet, state: 'failed', counts: { ...none, failed: null } },
  },
];

describe('fold, for one target', () => {
  it.each(rows)('$name', ({ events, kind = 'processes.kill', dryRun = false, expected }) => {
    const operation = fold([prepared(['a'], { kind, dryRun }), ...events]);
    const { items, problem, ...rest } = expected;
    const [target] = operation.targets;
    expect(target).toMatchObject({ target: 'a', backend: 'taurusdb', ...rest });
    expect(operation.state).toBe(expected.state);
    expect(isCompleted(operation)).toBe(expected.completed);
    if (items !== undefined) {
      expect(target?.items.map(({ id, outcome, why }) => [id, outcome, why ?? []].flat().join(' '))).toEqual(items);
    }
    if (problem !== undefined) expect(target?.problem?.code ?? null).toBe(problem);
    expect(target?.durationMs).toBe(expected.state === 'running' ? null : 41);
  });

  it('shows items as they were seen, and nothing of how they were chosen', () => {
    const events = [
      prepared(['a']),
      listed([item('1')], { named: true }),
      started(['1']),
      killed(as('ended', '1')),
      over(),
    ];
    expect(fold(events).targets[0]?.items).toEqual([
      {
        id: '1',
        node: 'n',
        ...noFacts,
        user: 'u',
        command: 'Sleep',
        state: 'idle',
        outcome: 'ended',
        verified: false,
        lastSeenAt: null,
      },
    ]);
  });

  it('shows the first 1000 items, and counts all of them', () => {
    const ids = Array.from({ length: 1003 }, (_, at) => String(at));
    const events = [listed(ids.map((id) => item(id))), started(ids), killed(as('ended', ...ids)), over()];
    const [target] = fold([prepared(['a']), ...events]).targets;
    expect(itemsShown).toBe(1000);
    expect(target?.items).toHaveLength(1000);
    expect(target?.items.at(-1)?.id).toBe('999');
    expect(target).toMatchObject({ itemsOmitted: 3, counts: { ended: 1003 } });
  });

  it('tells each call that was answered or failed, in the vendor’s words', () => {
    const upstream = { target: 'a', backend: 'taurusdb', httpStatus: 400, code: 'X.1', message: 'no', requestId: 'v7' };
    const problem = problemOf(new Failure('upstream-rejected', 'Refused.', { sent: 'refused', upstream }));
    const events = [
      listed([item('1'), item('2')]),
      started(['1']),
      killed(as('ended', '1'), { call: record({ requestId: 'v6' }) }),
      started(['2']),
      failed('upstream-rejected', 'refused', { ids: ['2'], problem, jobId: 'j9' }),
      over(),
    ];
    expect(fold([prepared(['a']), ...events]).targets[0]?.calls).toEqual([
      record({ requestId: 'v6' }),
      { node: 'n', call: 'kill', code: 'X.1', message: 'no', requestId: 'v7', jobId: 'j9' },
    ]);
  });

  it('says each note once', () => {
    const events = [
      started(null),
      started(null, { node: 'm' }),
      done({ note: 'Same.' }),
      done({ note: 'Same.', node: 'm' }),
      over({ note: 'Last.' }),
    ];
    expect(fold([prepared(['a']), ...events]).targets[0]?.note).toBe('Same. Last.');
  });
});

describe('fold, for an operation', () => {
  const at = (target: string, ...events: readonly OperationEvent[]): readonly OperationEvent[] =>
    events.map((event) => ('target' in event ? { ...event, target } : event));
  const kill = (target: string, ...ended: readonly Ended[]): readonly OperationEvent[] => {
    const ids = ended.map(({ id }) => id);
    return at(target, listed(ids.map((id) => item(id))), started(ids), killed(ended), over());
  };
  const refuse = (target: string): readonly OperationEvent[] =>
    at(target, started(null), failed('upstream-rejected', 'refused', { call: 'flush' }), over());
  const lose = (target: string): readonly OperationEvent[] =>
    at(target, started(null), failed('outcome-unknown', 'perhaps', { call: 'flush' }), over());
  const operation = (...parts: readonly (readonly OperationEvent[])[]) =>
    fold([prepared(parts.map((_, index) => 'abc'.charAt(index))), ...parts.flat()]);

  it.each([
    ['all succeeded', 'succeeded', operation(kill('a', ...as('ended', '1')), kill('b', ...as('ended', '2')))],
    ['one failed', 'partial', operation(kill('a', ...as('ended', '1')), refuse('b'))],
    ['one unknown', 'partial', operation(kill('a', ...as('ended', '1')), lose('b'))],
    ['all failed', 'failed', operation(refuse('a'), refuse('b'))],
    ['failed and unknown', 'unknown', operation(refuse('a'), lose('b'))],
    ['all unknown', 'unknown', operation(lose('a'), lose('b'))],
    ['one still running', 'running', operation(refuse('a'), [])],
  ])('%s: %s', (_name, state, folded) => {
    expect(folded.state).toBe(state);
    expect(isCompleted(folded)).toBe(state === 'succeeded');
  });

  it('keeps what happened to one target out of the others', () => {
    const { targets } = operation(kill('a', ...as('ended', '1')), kill('b', ...as('notFound', '1')));
    expect(targets.map(({ target, counts }) => [target, counts.ended, counts.notFound])).toEqual([
      ['a', 1, 0],
      ['b', 0, 1],
    ]);
  });

  const mass = (target: string, facts: Partial<Of<'answered'>>): readonly OperationEvent[] =>
    at(target, started(null), done(facts), over());
  const sums: readonly (readonly [string, readonly (readonly OperationEvent[])[], Partial<Counts>])[] = [
    ['adds up', [kill('a', ...as('ended', '1')), kill('b', ...as('ended', '2', '3'))], { ended: 3, failed: 0 }],
    [
      'tells what is known beside what is not',
      [kill('a', ...as('ended', '1')), mass('b', {})],
      { ended: 1, deferred: 0 },
    ],
    [
      'lets no zero hide what is not known',
      [kill('a', ...as('notFound', '1')), mass('b', {})],
      { ended: null, notFound: 1 },
    ],
    ['knows nothing where nobody does', [mass('a', {}), mass('b', {})], { ended: null, deferred: 0 }],
    [
      'adds what is deferred, as far as it is known',
      [mass('a', { deferred: 3, effect: 'deferred' }), mass('b', { deferred: null, effect: 'deferred' })],
      { ended: null, deferred: 3 },
    ],
    [
      'counts a target that failed whole as not known',
      [kill('a', ...as('ended', '1')), refuse('b')],
      { ended: 1, failed: null },
    ],
  ];
  it.each(sums)('%s', (_name, parts, expected) => {
    expect(operation(...parts).counts).toMatchObject(expected);
  });

  it('keeps who asked for what, and when it ended', () => {
    const events = [prepared(['a'], { reason: null }), ...kill('a', ...as('ended', '1'))];
    expect(fold(events)).toMatchObject({ ...header, reason: null, endedAt: null, state: 'succeeded' });
    expect(fold([...events, { is: 'closed', at: 2000 }])).toMatchObject({ endedAt: '1970-01-01T00:00:02.000Z' });
  });

  it('is planned if all of it is', () => {
    const events = [prepared(['a', 'b'], { dryRun: true }), ...at('a', listed([]), over()), ...at('b', over())];
    expect(fold(events).state).toBe('planned');
  });

  it('refuses events that do not begin at the beginning', () => {
    expect(() => fold([over()])).toThrow(TypeError);
    expect(() => fold([])).toThrow(TypeError);
  });
});

describe('foldStates', () => {
  const table: readonly (readonly [readonly OperationState[], OperationState])[] = [
    [[], 'succeeded'],
    [['succeeded', 'running', 'failed'], 'running'],
    [['planned', 'planned'], 'planned'],
    [['planned', 'failed'], 'partial'],
    [['succeeded', 'succeeded'], 'succeeded'],
    [['failed', 'failed'], 'failed'],
    [['failed', 'unknown'], 'unknown'],
    [['unknown'], 'unknown'],
    [['succeeded', 'unknown'], 'partial'],
    [['succeeded', 'failed'], 'partial'],
    [['partial'], 'partial'],
    [['partial', 'failed'], 'partial'],
  ];
  it.each(table)('%j is %s', (states, expected) => {
    expect(foldStates(states)).toBe(expected);
    expect(foldStates(states.toReversed())).toBe(expected);
  });
});
