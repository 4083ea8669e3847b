import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Chosen } from './chosen.js';
import { chooseForFlush, chooseForKill, chooseForPlan, refuseProtected } from './choose.js';
import type { ListedItem } from '../model/listed-item.js';
import { Failure } from '../model/failure.js';
import type { Looked } from '../look/look.js';
import { protections, type Process } from '../model/process.js';
import { inBody, inQuery } from '../model/request.js';
import { everything, readWritten, type Selection } from '../model/selection.js';
import { startedAtOf } from '../look/same-session.js';
import { noSafeguards, nobody, unguarded } from '../model/spec-process.js';
import type { Target } from '../model/target.js';

const never = (): never => {
  throw new Error('Nothing is sent here.');
};

const seed = 20_260_302;
const at = new Date(Date.UTC(2026, 1, 1));

const target: Target = {
  ...unguarded,
  name: 'orders',
  backend: 'taurusdb',
  labels: {},
  description: null,
  facts: new Set(['user', 'idleSeconds']),
  states: new Set(['idle', 'active']),
  isId: () => true,
  configuredNodes: null,
  nodes: () => Promise.resolve([]),
  lookMs: 1000,
};
const { selection: rule } = readWritten({ user: ['root'] });
const guarded: Target = { ...target, safeguards: { ...noSafeguards, protect: [rule] } };
/** Of which the vendor says of each id whether it was there. */
const telling: Target = {
  ...target,
  kill: { call: 'kill', route: { method: 'DELETE', path: '/' }, batch: 20, tellsNotFound: true, run: never },
};

function on(name: string | null, processes: readonly Partial<Process>[], complete = true): Looked {
  const node = { name, id: name, component: null };
  return {
    node,
    listing: { processes: processes.map((facts) => ({ ...nobody, node: name, ...facts })), complete, at },
  };
}

const dead = (name: string): Looked => ({
  node: { name, id: name, component: null },
  failure: new Failure('upstream-unavailable', 'It is down.'),
});

/** `node/id` of what is to be sent, and `node/id why` of what is not. */
const told = (chosen: readonly Chosen[]): readonly string[] =>
  chosen.flatMap(({ node, items }) =>
    items.map(({ id, outcome, why }) => `${node?.name ?? ''}/${id}${outcome === null ? '' : ` ${why ?? outcome}`}`),
  );

const spared = (chosen: readonly Chosen[]): readonly string[] =>
  chosen.flatMap((one) => one.protected.map(({ id }) => id));

const ids = (...named: readonly string[]): Selection => ({ ...everything, ids: named });
const idle: Selection = { ...everything, states: { includes: ['idle'], excludes: [] } };

describe('a kill by filter', () => {
  const looked = [
    on('n', [
      { id: '1', state: 'idle' },
      { id: '2', state: 'active' },
      { id: '3', state: 'idle', protected: 'vendor' },
      { id: '4', state: 'active', protected: 'configured' },
    ]),
  ];

  it('leaves alone what is protected, and counts it', () => {
    const chosen = chooseForKill(target, looked, idle, inQuery);
    expect(told(chosen)).toEqual(['n/1']);
    expect(spared(chosen)).toEqual(['3']);
    expect(chosen[0]).toMatchObject({ leftOut: 1, named: false });
  });

  it('tells when each connected', () => {
    const [{ items } = { items: [] }] = chooseForKill(target, [on('n', [{ ageSeconds: 60 }, {}])], everything, inQuery);
    expect(items.map(({ startedAt }) => startedAt)).toEqual([at.getTime() - 60_000, null]);
  });
});

describe('a composed flush', () => {
  it('leaves alone what is protected, and counts whatever it leaves', () => {
    const looked = [
      on('n', [
        { id: '1', state: 'idle' },
        { id: '2', state: 'active' },
        { id: '3', state: 'idle', protected: 'replication' },
      ]),
      on('m', [{ id: '4', state: 'active', protected: 'vendor' }]),
    ];
    const chosen = chooseForFlush(looked, idle);
    expect(told(chosen)).toEqual(['n/1']);
    expect(spared(chosen)).toEqual(['3']);
    expect(chosen.map(({ leftOut }) => leftOut)).toEqual([2, 1]);
    expect(told(chooseForFlush(looked, everything))).toEqual(['n/1', 'n/2']);
  });
});

describe('named ids', () => {
  const rows: readonly (readonly [string, Target, readonly Looked[], Selection, readonly string[]])[] = [
    ['what was seen', target, [on('n', [{ id: '1' }])], ids('1'), ['n/1']],
    ['what is protected', target, [on('n', [{ id: '1', protected: 'vendor' }])], ids('1'), ['n/1 protected']],
    [
      'what is protected, and does not fit either',
      target,
      [on('n', [{ id: '1', protected: 'vendor', state: 'active' }])],
      { ...idle, ids: ['1'] },
      ['n/1 protected'],
    ],
    ['what does not fit', target, [on('n', [{ id: '1', state: 'active' }])], { ...idle, ids: ['1'] }, ['n/1 noMatch']],
    ['what nobody saw in a whole list', telling, [on('n', [])], ids('9'), ['n/9']],
    ['what nobody saw, of a vendor that would not say so', target, [on('n', [])], ids('9'), ['n/9 notListed']],
    ['what nobody saw in a list that was cut', telling, [on('n', [], false)], ids('9'), ['n/9 listCut']],
    ['what was seen in a list that was cut', target, [on('n', [{ id: '1' }], false)], ids('1'), ['n/1']],
    [
      'what was seen beside a list that was cut',
      target,
      [on('n', [{ id: '1' }]), on('m', [], false)],
      ids('1'),
      ['n/1 listCut'],
    ],
    [
      'what was seen in a list that was cut, beside a whole one',
      target,
      [on('n', [{ id: '1' }], false), on('m', [])],
      ids('1'),
      ['n/1'],
    ],
    ['what may be in a list that was cut', target, [on('n', []), on('m', [], false)], ids('9'), ['/9 listCut']],
    [
      'what was seen beside two nodes, one of them dead',
      target,
      [on('n', [{ id: '1' }]), on('m', []), dead('o')],
      ids('1', '9'),
      ['n/1 nodeUnseen', '/9 nodeUnseen'],
    ],
    [
      'what is protected beside a dead node',
      target,
      [on('n', [{ id: '1', protected: 'vendor' }]), dead('m')],
      ids('1'),
      ['n/1 protected'],
    ],
    [
      'an address in another spelling',
      target,
      [on('n', [{ id: '[fd00::1]:6379' }])],
      ids('[FD00:0::1]:6379'),
      ['n/[fd00::1]:6379'],
    ],
    [
      'an address in another spelling, which is protected',
      target,
      [on('n', [{ id: '[fd00::1]:6379', protected: 'replication' }])],
      ids('[FD00::1]:6379'),
      ['n/[fd00::1]:6379 protected'],
    ],
    [
      'one address in two spellings',
      target,
      [on('n', [{ id: '[fd00::1]:6379' }])],
      ids('[FD00::1]:6379', '[fd00::1]:6379'),
      ['n/[fd00::1]:6379'],
    ],
    [
      'what nobody saw, where protections are configured',
      { ...telling, safeguards: guarded.safeguards },
      [on('n', [])],
      ids('9'),
      ['n/9 notListed'],
    ],
    ['what none of several nodes has', target, [on('n', []), on('m', [])], ids('9'), ['/9 notListed']],
    ['what the node has that can be seen', target, [dead('n'), on('m', [{ id: '1' }])], ids('1'), ['m/1 nodeUnseen']],
    ['what may be on a node that cannot be seen', target, [dead('n'), on('m', [])], ids('9'), ['/9 nodeUnseen']],
    ['a node that cannot be seen', target, [dead('n')], ids('9'), []],
  ];
  it.each(rows)('%s', (_name, one, looked, selection, expected) => {
    expect(told(chooseForKill(one, looked, selection, inQuery))).toEqual(expected);
  });

  it('tells who is spared', () => {
    const looked = [on('n', [{ id: '1' }, { id: '2', protected: 'vendor' }])];
    expect(spared(chooseForKill(target, looked, ids('2', '1'), inQuery))).toEqual(['2']);
  });

  it('refuses an id that lives on several nodes', () => {
    const looked = [on('n', [{ id: '1' }]), on('m', [{ id: '1' }])];
    expect(() => chooseForKill(target, looked, ids('1'), inBody)).toThrow(
      expect.objectContaining({ kind: 'ambiguous-process' }),
    );
  });
});

describe('refuseProtected', () => {
  const looked = [on('n', [{ id: '1', protected: 'vendor' }, { id: '2', protected: 'replication' }, { id: '3' }])];
  const refusal = (selection: Selection): Failure | null =>
    refuseProtected(target, chooseForKill(target, looked, selection, inBody), selection, inBody);

  it('refuses a call whose named ids are all protected, at each place', () => {
    expect(refusal(ids('1', '2'))).toMatchObject({
      kind: 'protected',
      sent: 'never',
      message: 'The process 1 of "orders" is protected (vendor). (and 1 more: see errors)',
      errors: [
        { pointer: '/id/0', message: 'The process 1 of "orders" is protected (vendor).' },
        { pointer: '/id/1', message: 'The process 2 of "orders" is protected (replication).' },
      ],
    });
  });

  it.each<[string, Selection]>([
    ['one that is not protected', ids('1', '3')],
    ['one that nobody saw', ids('1', '9')],
    ['a filter that fits only what is protected', { ...everything, text: rule.text }],
    ['no filter', everything],
  ])('lets %s pass', (_name, selection) => {
    expect(refusal(selection)).toBeNull();
  });
});

describe('chooseForPlan', () => {
  const facts = { user: 'sue', client: '10.0.0.7:1', database: 'shop', ageSeconds: 100 };
  const planned: ListedItem = {
    id: '1',
    node: 'n',
    user: 'sue',
    client: '10.0.0.7:1',
    database: 'shop',
    application: 'batch',
    command: 'Sleep',
    state: 'idle',
    idleSeconds: 100,
    busySeconds: 0,
    ageSeconds: 100,
    transactionSeconds: null,
    statementId: null,
    startedAt: at.getTime() - 100_000,
    outcome: 'wouldEnd',
  };
  const rows: readonly (readonly [string, Partial<Process>, string])[] = [
    ['the same session', {}, 'n/1'],
    ['the same session, doing something else', { command: 'Query', state: 'active', application: null }, 'n/1'],
    ['the same session, three seconds off', { ageSeconds: 97 }, 'n/1'],
    ['a session that is younger', { ageSeconds: 96 }, 'n/1 changed'],
    ['a session that is older', { ageSeconds: 104 }, 'n/1 changed'],
    ['a session that does not tell its age now', { ageSeconds: null }, 'n/1'],
    ['another user', { user: 'bob' }, 'n/1 changed'],
    ['a user that nobody tells now', { user: null }, 'n/1 changed'],
    ['another client', { client: '10.0.0.7:2' }, 'n/1 changed'],
    ['another database', { database: null }, 'n/1 changed'],
    ['what is protected now', { protected: 'configured' }, 'n/1 protected'],
    ['another session, which is protected', { user: 'bob', protected: 'vendor' }, 'n/1 changed'],
  ];
  it.each(rows)('%s', (_name, change, expected) => {
    const chosen = chooseForPlan(target, [on('n', [{ id: '1', ...facts, ...change }])], [planned]);
    expect(told(chosen)).toEqual([expected]);
    expect(chosen[0]).toMatchObject({ named: true, leftOut: 0 });
  });

  it('does not mind an age that was not known then', () => {
    expect(told(chooseForPlan(target, [on('n', [{ id: '1', ...facts }])], [{ ...planned, startedAt: null }]))).toEqual([
      'n/1',
    ]);
  });

  it('tells who is spared', () => {
    const looked = [
      on('n', [
        { id: '1', ...facts, protected: 'configured' },
        { id: '2', protected: 'vendor' },
      ]),
    ];
    expect(spared(chooseForPlan(target, looked, [planned]))).toEqual(['1']);
  });

  it.each<[string, readonly Looked[], readonly string[]]>([
    ['is gone', [on('n', [])], ['n/1 notListed']],
    ['is not in a list that was cut', [on('n', [], false)], ['n/1 listCut']],
    ['is on another node now', [on('n', []), on('m', [{ id: '1', ...facts }])], ['n/1 notListed']],
    ['was on a node that is no more', [on('m', [{ id: '1', ...facts }])], ['/1 notListed']],
    ['is on a node that cannot be seen', [dead('n'), on('m', [])], []],
    ['is on a node of a target that cannot be seen', [{ ...dead('n'), node: on(null, []).node }], []],
  ])('sends nothing that %s', (_name, looked, expected) => {
    expect(told(chooseForPlan(target, looked, [planned]))).toEqual(expected);
  });

  it('leaves out what the plan had left out', () => {
    const looked = [on('n', [{ id: '1', ...facts }])];
    expect(told(chooseForPlan(target, looked, [{ ...planned, outcome: 'skipped', why: 'noMatch' }]))).toEqual([]);
  });

  it('ends nobody who was not planned, and nobody who is protected, whatever is listed', () => {
    const user = fc.constantFrom(null, 'sue', 'bob');
    const process = fc.record({
      id: fc.constantFrom('1', '2', '3', '4'),
      user,
      protected: fc.constantFrom(null, ...protections),
      ageSeconds: fc.constantFrom(null, 100, 101, 200),
    });
    const listing = fc.uniqueArray(process, { selector: ({ id }) => id });
    const plan = fc.uniqueArray(fc.record({ id: fc.constantFrom('1', '2', '3'), user }), { selector: ({ id }) => id });
    fc.assert(
      fc.property(listing, plan, fc.boolean(), (processes, victims, complete) => {
        const items = victims.map((victim): ListedItem => ({ ...planned, client: null, database: null, ...victim }));
        const chosen = chooseForPlan(target, [on('n', processes, complete)], items);
        const sent = chosen.flatMap((one) => one.items).filter(({ outcome }) => outcome === null);
        for (const { id } of sent) {
          const [seen] = processes.filter((one) => one.id === id);
          expect(seen?.protected).toBeNull();
          expect(victims).toContainEqual({ id, user: seen?.user });
        }
        expect(told(chosen)).toHaveLength(victims.length);
      }),
      { seed, numRuns: 1000 },
    );
  });
});

describe('startedAtOf', () => {
  it('counts back from the moment of the listing', () => {
    expect(startedAtOf({ ageSeconds: 7 }, { at })).toBe(at.getTime() - 7000);
    expect(startedAtOf({ ageSeconds: 0 }, { at })).toBe(at.getTime());
    expect(startedAtOf({ ageSeconds: null }, { at })).toBeNull();
  });
});
