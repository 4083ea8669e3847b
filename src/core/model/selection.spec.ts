import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsePattern, type Pattern } from './pattern.js';
import { clockFacts, processStates, textFacts, type Fact, type Process, type ProcessState } from './process.js';
import { fits, selector } from './fits.js';
import { everything, flushSelection, readWritten, restricts, unsupportedFilters, type Selection } from './selection.js';
import { unguarded } from './spec-process.js';
import type { Target } from './target.js';

const seed = 20_260_202;

const someone: Process = {
  id: '7',
  target: 'orders',
  backend: 'taurusdb',
  node: 'primary',
  user: 'sue',
  client: '10.0.0.7:5432',
  database: 'shop',
  application: 'batch',
  command: 'Sleep',
  state: 'idle',
  idleSeconds: 60,
  busySeconds: 0,
  ageSeconds: 100,
  transactionSeconds: 50,
  waitEvent: null,
  blockedBy: [],
  statementId: '3141',
  statement: null,
  draining: null,
  protected: null,
};

function targetWith(states: readonly ProcessState[], facts: readonly Fact[] = [...textFacts, ...clockFacts]): Target {
  return {
    ...unguarded,
    name: 'orders',
    backend: 'taurusdb',
    labels: {},
    description: null,
    facts: new Set(facts),
    states: new Set(states),
    isId: () => true,
    configuredNodes: null,
    nodes: () => Promise.resolve([]),
    lookMs: 1000,
  };
}

const target = targetWith(['active', 'idle']);

function patterns(...texts: readonly string[]): readonly Pattern[] {
  return texts.flatMap((text) => parsePattern(text) ?? []);
}

const text = (fact: keyof Selection['text'], ...texts: readonly string[]): Selection => ({
  ...everything,
  text: { [fact]: patterns(...texts) },
});
const states = (includes: readonly ProcessState[], excludes: readonly ProcessState[] = []): Selection => ({
  ...everything,
  states: { includes, excludes },
});

describe('fits', () => {
  const rows: readonly (readonly [string, Partial<Process>, Selection, boolean])[] = [
    ['nothing asked', {}, everything, true],
    ['the exact user', {}, text('user', 'sue'), true],
    ['a user in other letters', {}, text('user', 'Sue'), false],
    ['part of a user', {}, text('user', 'su'), false],
    ['one of several users', {}, text('user', 'bob', 'sue'), true],
    ['a glob', {}, text('user', 's*'), true],
    ['an exclusion of another', {}, text('user', '!bob'), true],
    ['an exclusion', {}, text('user', '!sue'), false],
    ['an exclusion that beats an inclusion', {}, text('user', 's*', '!sue'), false],
    ['an exclusion written first', {}, text('user', '!sue', 's*'), false],
    ['an escaped star', { user: 's*' }, text('user', 's\\*'), true],
    ['an escaped star is no glob', {}, text('user', 's\\*'), false],
    ['an escaped exclamation mark', { user: '!sue' }, text('user', '\\!sue'), true],
    ['null against an inclusion', { user: null }, text('user', '*'), false],
    ['null against an exclusion', { user: null }, text('user', '!bob'), false],
    ['an empty fact against a star', { user: '' }, text('user', '*'), true],
    ['a client without its port', {}, text('client', '10.0.0.7'), true],
    ['a client with its port', {}, text('client', '10.0.0.7:5432'), true],
    ['a client with another port', {}, text('client', '10.0.0.7:5433'), false],
    ['a longer address', { client: '10.0.0.70:1' }, text('client', '10.0.0.7'), false],
    ['an excluded address at any port', {}, text('client', '!10.0.0.7'), false],
    ['a client that has no port', { client: '10.0.0.7' }, text('client', '10.0.0.7'), true],
    ['a glob over the port', {}, text('client', '10.0.0.*:5432'), true],
    ['a bracketed v6 address', { client: '[2001:db8::7]:5432' }, text('client', '2001:db8::7'), true],
    [
      'a bracketed v6 address, port and all',
      { client: '[2001:db8::7]:5432' },
      text('client', '[2001:db8::7]:5432'),
      true,
    ],
    ['a bracketed v6 address without a port', { client: '[::1]' }, text('client', '::1'), true],
    ['a v6 address in brackets, whatever the port', { client: '[::1]:5432' }, text('client', '[::1]'), true],
    ['a bare v6 address', { client: '2001:db8::7' }, text('client', '2001:db8::7'), true],
    ['a bare v6 address is not cut at its last colon', { client: '2001:db8::7' }, text('client', '2001:db8:'), false],
    ['a v6 address as MySQL writes it', { client: '[2001:db8::5]:50123' }, text('client', '2001:db8::5:50123'), true],
    ['a v6 address in another spelling', { client: '[2001:db8::5]:1' }, text('client', '2001:DB8:0::5'), true],
    [
      'a v6 address in another spelling, excluded',
      { client: '[2001:db8::5]:1' },
      text('client', '![2001:DB8::5]'),
      false,
    ],
    ['a v4 address that is written as a v6 one', { client: '[::ffff:10.0.0.7]:1' }, text('client', '10.0.0.7'), true],
    ['a v4 address, of a filter by v6', { client: '10.0.0.7:1' }, text('client', '::ffff:10.0.0.7'), true],
    ['a glob over v6 addresses', { client: '[2001:db8::5]:1' }, text('client', '2001:db8:*'), true],
    ['an address that ends like a port', { client: '[2001:db8::5]:5012' }, text('client', '2001:db8::5:5012'), false],
    ['the same, excluded', { client: '[2001:db8::5]:5012' }, text('client', '!2001:db8::5:5012'), false],
    ['a client that cannot be read', { client: '?:0' }, text('client', '10.0.0.7'), false],
    ['a client that cannot be read, as it stands', { client: '?:0' }, text('client', '?:0'), true],
    ['a client that cannot be read, with an exclusion', { client: '?:0' }, text('client', '!10.0.0.7'), false],
    ['the path of a socket', { client: '/tmp/redis.sock:0' }, text('client', '/tmp/redis.sock'), true],
    ['a host name with its port', { client: 'web-1:99' }, text('client', 'web-1'), true],
    ['the port rule holds for clients alone', { application: 'a:1' }, text('application', 'a'), false],
    ['the state', {}, states(['idle']), true],
    ['one of several states', {}, states(['active', 'idle']), true],
    ['another state', {}, states(['active']), false],
    ['an excluded state', {}, states([], ['idle']), false],
    ['an exclusion of another state', {}, states([], ['active']), true],
    ['an exclusion that beats an included state', {}, states(['idle'], ['idle']), false],
    ['an unknown state, included', { state: null }, states(['idle']), false],
    ['an unknown state, excluded', { state: null }, states([], ['idle']), false],
    ['exactly the minimum', {}, { ...everything, minimums: { idleSeconds: 60 } }, true],
    ['more than there is', {}, { ...everything, minimums: { idleSeconds: 61 } }, false],
    ['a minimum of 0', {}, { ...everything, minimums: { busySeconds: 0 } }, true],
    ['an unknown clock, even at 0', { ageSeconds: null }, { ...everything, minimums: { ageSeconds: 0 } }, false],
    ['two filters that both fit', {}, { ...text('user', 'sue'), minimums: { ageSeconds: 100 } }, true],
    ['two filters of which one fits', {}, { ...text('user', 'sue'), minimums: { ageSeconds: 101 } }, false],
    ['two facts', {}, { ...everything, text: { user: patterns('sue'), database: patterns('other') } }, false],
  ];
  it.each(rows)('%s', (_name, facts, selection, expected) => {
    expect(fits({ ...someone, ...facts }, selection)).toBe(expected);
  });

  it('leaves ids to the selector, which wants both', () => {
    const selection: Selection = { ...text('user', 'bob'), ids: ['7'] };
    expect(selector({ ...everything, ids: ['7', '8'] }, [])(someone)).toBe(true);
    expect(selector({ ...everything, ids: ['70'] }, [])(someone)).toBe(false);
    expect(selector(selection, [])(someone)).toBe(false);
  });
});

describe('fits, where the unknown fits', () => {
  const unknown: Process = {
    ...someone,
    user: null,
    state: null,
    idleSeconds: null,
  };
  it.each<[string, Selection, boolean]>([
    ['text', text('user', 'bob'), true],
    ['an exclusion', text('user', '!*'), true],
    ['a state', states(['active']), true],
    ['an excluded state', states([], ['active']), true],
    ['a minimum', { ...everything, minimums: { idleSeconds: 1_000_000 } }, true],
    ['text that is known', text('database', 'other'), false],
    ['a minimum that is known', { ...everything, minimums: { ageSeconds: 101 } }, false],
  ])('%s', (_name, selection, expected) => {
    expect(fits(unknown, selection, true)).toBe(expected);
    expect(fits(unknown, selection)).toBe(false);
  });
});

describe('readWritten', () => {
  it('reads every member', () => {
    const { selection, errors } = readWritten({
      node: ['primary', 'primary'],
      id: ['7'],
      user: ['s*', '!bob'],
      state: ['idle', '!active'],
      minIdleSeconds: 0,
      minAgeSeconds: 60,
    });
    expect(errors).toEqual([]);
    expect(selection).toMatchObject({
      nodes: ['primary'],
      ids: ['7'],
      states: { includes: ['idle'], excludes: ['active'] },
      minimums: { idleSeconds: 0, ageSeconds: 60 },
    });
    expect(selection.text.user?.map(({ excludes }) => excludes)).toEqual([false, true]);
    expect(readWritten({})).toEqual({ selection: everything, errors: [] });
  });

  it.each([
    [{ user: ['a', '!'] }, 'user'],
    [{ state: ['idle', 'asleep'] }, 'state'],
    [{ state: ['!'] }, 'state'],
    [{ state: ['!!idle'] }, 'state'],
    [{ state: [''] }, 'state'],
    [{ node: ['n*'] }, 'node'],
    [{ id: ['!7'] }, 'id'],
  ])('tells what is wrong with %j', (written, member) => {
    const { errors } = readWritten(written);
    expect(errors).toEqual([{ member, message: expect.stringContaining(member) }]);
  });
});

describe('flushSelection', () => {
  it.each<[string, Fact[], 'graceful' | 'forced', Partial<Selection>]>([
    ['idle for so long', ['idleSeconds'], 'graceful', { ...states(['idle']), minimums: { idleSeconds: 90 } }],
    ['idle, where nobody knows how long', ['ageSeconds'], 'graceful', { ...states(['idle']), minimums: {} }],
    ['everything', ['idleSeconds'], 'forced', everything],
  ])('is %s', (_name, facts, mode, expected) => {
    expect(flushSelection(targetWith(['idle'], facts), mode, 90)).toEqual(expected);
  });
});

describe('unsupportedFilters', () => {
  it('names each parameter that the target cannot judge', () => {
    const blind = targetWith(['active', 'idle'], ['user', 'ageSeconds']);
    const selection: Selection = {
      ...everything,
      text: { user: patterns('a'), client: patterns('!b'), command: [] },
      minimums: { idleSeconds: 0, ageSeconds: 5 },
      states: { includes: ['idle'], excludes: ['offline'] },
    };
    expect(unsupportedFilters(selection, blind)).toEqual(['client', 'minIdleSeconds', 'state']);
  });

  it('finds nothing wrong with what the target knows', () => {
    expect(unsupportedFilters({ ...text('user', '*'), minimums: { idleSeconds: 1 } }, target)).toEqual([]);
  });
});

describe('restricts', () => {
  const rows: readonly (readonly [string, Selection, boolean])[] = [
    ['nothing', everything, false],
    ['a node', { ...everything, nodes: ['primary'] }, false],
    ['a star', text('user', '*'), false],
    ['two stars', text('user', '**'), false],
    ['stars and marks', text('client', '*.*.*.*:*'), false],
    ['a name or anything', text('user', 'sue', '*'), false],
    ['an exclusion', text('user', '!sue'), false],
    ['several exclusions', text('user', '!sue', '!b*'), false],
    ['a star and an exclusion', text('user', '*', '!sue'), false],
    ['a minimum of 0', { ...everything, minimums: { idleSeconds: 0, busySeconds: 0, ageSeconds: 0 } }, false],
    ['every state of the target', states(['active', 'idle']), false],
    ['every state there is', states(processStates), false],
    ['an excluded state', states([], ['active']), false],
    ['several ways of everything', { ...text('user', '*'), minimums: { ageSeconds: 0 } }, false],
    ['a user', text('user', 'sue'), true],
    ['a glob', text('user', 's*'), true],
    ['two users', text('user', 'sue', 'bob*'), true],
    ['a user and an exclusion', text('user', 's*', '!sue'), true],
    ['a minimum', { ...everything, minimums: { idleSeconds: 1 } }, true],
    ['one state of two', states(['idle']), true],
    ['a star and a minimum', { ...text('user', '*'), minimums: { ageSeconds: 1 } }, true],
    ['an id', { ...everything, ids: ['7'] }, true],
  ];
  it.each(rows)('%s: %j', (_name, selection, expected) => {
    expect(restricts(selection, target)).toBe(expected);
  });

  it('counts the states that this target can tell, not those of others', () => {
    const more = targetWith(['active', 'idle', 'idleInTransaction']);
    expect(restricts(states(['active', 'idle']), more)).toBe(true);
    expect(restricts(states(['active', 'idle']), targetWith([]))).toBe(false);
  });

  const value = fc.oneof(
    fc.constantFrom('a', 'b', 'ab', 'a.b', '*', '**', '*.*', '!a', '!*', '*a*', 'b*', '\\*', '*:*', '!b*', '* *'),
    fc.string({ unit: fc.constantFrom('a', '1', '*', '!', '\\', '.', ':', '-'), minLength: 1, maxLength: 6 }),
  );
  const values = fc.array(value, { maxLength: 3 }).map((texts) => patterns(...texts));
  const someStates = fc.uniqueArray(fc.constantFrom(...processStates));
  const selections = fc.record({
    nodes: fc.constantFrom([], ['primary']),
    ids: fc.constant([]),
    text: fc.record({ user: values, client: values, database: values, application: values, command: values }),
    states: fc.record({ includes: someStates, excludes: someStates }),
    minimums: fc.record(
      { idleSeconds: fc.nat(2), busySeconds: fc.nat(2), ageSeconds: fc.nat(2) },
      { requiredKeys: [] },
    ),
  });
  const word = fc.oneof(
    fc.constantFrom('', 'a', 'b', 'ab', '*', '•'),
    fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', ':', '*', '!', '-'), maxLength: 6 }),
  );
  const clock = fc.nat(3);
  const processes = (known: readonly ProcessState[]): fc.Arbitrary<Process> =>
    fc.record({
      id: fc.nat().map(String),
      target: fc.constant('orders'),
      backend: fc.constant('taurusdb'),
      node: fc.constant('primary'),
      user: word,
      client: word,
      database: word,
      application: word,
      command: word,
      state: fc.constantFrom(...known),
      idleSeconds: clock,
      busySeconds: clock,
      ageSeconds: clock,
      transactionSeconds: clock,
      waitEvent: fc.constant(null),
      blockedBy: fc.constant(null),
      statementId: word,
      statement: fc.constant(null),
      draining: fc.constant(null),
      protected: fc.constant(null),
    });
  const populated = fc
    .uniqueArray(fc.constantFrom(...processStates), { minLength: 1 })
    .chain((known) => fc.tuple(fc.constant(known), fc.array(processes(known), { maxLength: 8 })));

  /** One process of every state, that has just come and bears no name a filter could mean. */
  function newcomers(known: readonly ProcessState[]): readonly Process[] {
    const nameless = { user: '•', client: '•', database: '•', application: '•', command: '•' };
    const fresh = { idleSeconds: 0, busySeconds: 0, ageSeconds: 0 };
    return known.map((state) => ({ ...someone, ...nameless, ...fresh, state }));
  }

  it('is true only if there is a process of that kind which the selection leaves out', () => {
    let restricting = 0;
    fc.assert(
      fc.property(selections, populated, (selection, [known, population]) => {
        const one = targetWith(known);
        const all = [...population, ...newcomers(known)];
        if (!restricts(selection, one)) return;
        restricting += 1;
        expect(all.every(selector(selection, all))).toBe(false);
      }),
      { seed, numRuns: 4000 },
    );
    expect(restricting).toBeGreaterThan(500);
  });

  it('is false for a selection that keeps every process, however it is spelled', () => {
    const star = fc.constantFrom('*', '**', '***');
    const starred = fc.array(star, { maxLength: 2 }).map((texts) => patterns(...texts));
    fc.assert(
      fc.property(
        fc.record({ user: starred, client: starred, database: starred, application: starred, command: starred }),
        fc.record({ idleSeconds: fc.constant(0), ageSeconds: fc.constant(0) }, { requiredKeys: [] }),
        populated,
        fc.boolean(),
        (texts, minimums, [known, population], everyState) => {
          const includes = everyState ? known : [];
          const selection = { nodes: [], ids: [], text: texts, states: { includes, excludes: [] }, minimums };
          expect(population.every(selector(selection, population))).toBe(true);
          expect(restricts(selection, targetWith(known))).toBe(false);
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  it('is false for exclusions and stars in any mixture', () => {
    const loose = fc.constantFrom('!a', '!b*', '!*', '!1.2.3.4', '*', '*.*', '*:*');
    const looseValues = fc.array(loose, { maxLength: 3 }).map((texts) => patterns(...texts));
    fc.assert(
      fc.property(
        fc.record({ user: looseValues, client: looseValues, command: looseValues }),
        someStates,
        (texts, excludes) => {
          const selection = { ...everything, text: texts, states: { includes: [], excludes } };
          expect(restricts(selection, target)).toBe(false);
        },
      ),
      { seed, numRuns: 1000 },
    );
  });
});
