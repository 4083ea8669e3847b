import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { processStates, type Seen } from '../model/process.js';
import { protectionOf } from './protect.js';
import { readWritten, type WrittenSelection } from '../model/selection.js';
import { noSafeguards, nobody } from '../model/spec-process.js';
import type { Target } from '../model/target.js';

const seed = 20_260_301;

type Guard = Pick<Target, 'protects' | 'safeguards'>;

/** A target that protects what fits any of these, and whose backend needs `rdsAdmin` and copies by `rdsRepl`. */
function guard(...rules: readonly WrittenSelection[]): Guard {
  return {
    safeguards: { ...noSafeguards, protect: rules.map((rule) => readWritten(rule).selection) },
    protects: ({ user }) => (user === 'rdsAdmin' ? 'vendor' : user === 'rdsRepl' ? 'replication' : null),
  };
}

const { protected: _unjudged, ...blank } = nobody;
const sue: Seen = {
  ...blank,
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
};

describe('protectionOf', () => {
  const rows: readonly (readonly [string, Guard, Partial<Seen>, string | null])[] = [
    ['nothing configured', guard(), {}, null],
    ['what the vendor needs', guard(), { user: 'rdsAdmin' }, 'vendor'],
    ['what copies data', guard(), { user: 'rdsRepl' }, 'replication'],
    ['what is built in before what is configured', guard({ user: ['rds*'] }), { user: 'rdsAdmin' }, 'vendor'],
    ['another user', guard({ user: ['app_*'] }), {}, null],
    ['a user by glob', guard({ user: ['s*'] }), {}, 'configured'],
    ['one of several values', guard({ user: ['bob', 'sue'] }), {}, 'configured'],
    ['one of several rules', guard({ user: ['bob'] }, { database: ['shop'] }), {}, 'configured'],
    ['every member of a rule', guard({ user: ['sue'], database: ['shop'] }), {}, 'configured'],
    ['one member of a rule only', guard({ user: ['sue'], database: ['other'] }), {}, null],
    ['an exclusion', guard({ user: ['!bob'] }), {}, 'configured'],
    ['who is excluded', guard({ user: ['!sue'] }), {}, null],
    ['a star spelled out', guard({ user: ['s\\*'] }), {}, null],
    ['a client on any port', guard({ client: ['10.0.0.7'] }), {}, 'configured'],
    ['a state', guard({ state: ['idle'] }), {}, 'configured'],
    ['another state', guard({ state: ['!idle'] }), {}, null],
    ['long enough idle', guard({ minIdleSeconds: 60 }), {}, 'configured'],
    ['not long enough idle', guard({ minIdleSeconds: 61 }), {}, null],
    ['the node', guard({ node: ['primary'] }), {}, 'configured'],
    ['another node', guard({ node: ['replica'] }), {}, null],
    ['a user on another node', guard({ node: ['replica'], user: ['sue'] }), {}, null],
    ['a user that is null', guard({ user: ['app_*'] }), { user: null }, 'configured'],
    ['a user that is null, and is excluded', guard({ user: ['!app_*'] }), { user: null }, 'configured'],
    ['a state that is null', guard({ state: ['active'] }), { state: null }, 'configured'],
    ['a clock that is null', guard({ minBusySeconds: 600 }), { busySeconds: null }, 'configured'],
    ['a node that is null', guard({ node: ['replica'] }), { node: null }, 'configured'],
    ['null beside what does not fit', guard({ user: ['app_*'], database: ['other'] }), { user: null }, null],
  ];
  it.each(rows)('%s', (_name, target, facts, expected) => {
    expect(protectionOf(target, { ...sue, ...facts })).toBe(expected);
  });

  const values = fc.array(fc.constantFrom('a', '!a', '*', '!*', 'app_*', '\\*'), { minLength: 1, maxLength: 3 });
  const seconds = fc.nat(100_000);
  const rule: fc.Arbitrary<WrittenSelection> = fc.record(
    {
      node: fc.array(fc.constantFrom('primary', 'replica'), { minLength: 1, maxLength: 2 }),
      user: values,
      client: values,
      database: values,
      application: values,
      command: values,
      state: fc.array(fc.constantFrom(...processStates, '!idle'), { minLength: 1, maxLength: 2 }),
      minIdleSeconds: seconds,
      minBusySeconds: seconds,
      minAgeSeconds: seconds,
    },
    { requiredKeys: [] },
  );

  it('protects a process of which nothing is known, whatever is configured', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
        expect(protectionOf(guard(...rules), blank)).toBe('configured');
      }),
      { seed, numRuns: 500 },
    );
  });

  it('protects no less when a fact becomes null', () => {
    const facts = ['node', 'user', 'client', 'database', 'application', 'command', 'state'] as const;
    const clocks = ['idleSeconds', 'busySeconds', 'ageSeconds'] as const;
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), fc.constantFrom(...facts, ...clocks), (rules, fact) => {
        if (protectionOf(guard(...rules), sue) === null) return;
        expect(protectionOf(guard(...rules), { ...sue, [fact]: null })).not.toBeNull();
      }),
      { seed, numRuns: 500 },
    );
  });
});
