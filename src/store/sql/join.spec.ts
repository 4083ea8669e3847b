import { describe, expect, it } from '@jest/globals';
import { builderFor } from './builder.js';
import type { OperationEvent } from '../../core/model/event.js';
import type { Step } from '../database.js';
import { join } from './join.js';
import { at, ended, lease, prepared, started } from '../spec-operations.js';
import { appendSteps, openingSteps } from './steps.js';
import { wordsFor } from './words.js';

const words = wordsFor(builderFor('postgres'), 'postgres');
const closed: OperationEvent = { is: 'closed', at };

const claim = (scope: 'flush' | 'key') => ({ scope, name: 'pool', fingerprint: null, expiresAt: at + 60_000 }) as const;

function opening(scopes: readonly ('flush' | 'key')[], targets = ['pool'], count = 0): readonly Step[] {
  const terms = { claims: scopes.map(claim), spending: [{ target: 'pool', count, perMinute: 100 }] };
  return openingSteps(words, prepared('op', { targets }), terms, lease);
}

describe('steps for PostgreSQL', () => {
  it('that end an operation go out as one statement, which changes nothing unless the first step could be done', () => {
    const entry = { from: 2, events: [ended(), closed], isOver: true };
    expect(join(appendSteps(words, 'op', 'me', entry))?.sql).toBe(
      'with "met" as (' +
        'update "operations" set "state" = coalesce($1, state), "ended_at" = coalesce($2, ended_at), ' +
        '"record" = coalesce($3, record), "owner" = $4, "is_over" = $5 ' +
        'where "id" = $6 and "owner" = $7 and "is_over" = 0 ' +
        'and not exists (select 1 from events where events.operation = operations.id and events.seq > $8) returning 1), ' +
        '"s1" as (insert into "events" ("operation", "seq", "body") ' +
        'select $9 as "operation", $10 as "seq", $11 as "body" where exists (select from "met") ' +
        'on conflict ("operation", "seq") do update set "body" = "excluded"."body" ' +
        'where length(excluded.body) >= length(events.body)), ' +
        '"s2" as (delete from "claims" where "operation" = $12 and "scope" = \'flush\' and exists (select from "met")) ' +
        'select 1 from "met"',
    );
  });

  it('keep their parameters in order', () => {
    const steps = opening(['flush']);
    expect(join(steps)?.parameters).toEqual(steps.flatMap(({ statement }) => statement.parameters));
  });

  it('of the same shape are one statement to prepare', () => {
    const [one, two, other] = [
      opening(['flush']),
      opening(['key'], ['another']),
      opening(['flush'], ['a', 'b', 'c', 'd', 'e']),
    ];
    expect(join(one)?.name).toMatch(/^j\d+$/);
    expect(join(two)?.name).toBe(join(one)?.name);
    expect(join(other)?.name).not.toBe(join(one)?.name);
  });

  it.each([
    ['of which the second can be refused as well', opening(['flush', 'key'])],
    ['that must see what is locked before them', opening([], ['pool'], 1)],
    ['of which none can be refused', opening([])],
    ['that are many', opening(['flush'], ['a', 'b', 'c'])],
    ['of which there is one', appendSteps(words, 'op', 'me', { from: 1, events: [started()], isOver: false })],
    [
      'that are not under a condition',
      [...opening(['flush']).slice(0, 2), { statement: { name: 'x', sql: 'select 1', parameters: [] } }],
    ],
    ['that answer with rows', opening(['flush']).map((step, index) => (index === 1 ? { ...step, gives: true } : step))],
    [
      'without a name',
      opening(['flush']).map((step) => ({ ...step, statement: { ...step.statement, name: undefined } as never })),
    ],
  ])('%s are a transaction', (_which, steps) => {
    expect(join(steps)).toBeUndefined();
  });
});
