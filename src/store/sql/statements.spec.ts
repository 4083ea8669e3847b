import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/postgres.js';
import type { Database } from '../database.js';
import { openPostgres, openSqlite } from '../open.js';
import { postgres, sqlite, type Dialect } from './dialect.js';
import { listStatement, type Sights } from './list.js';
import { bind, type Statement, type Values } from './statement.js';
import { statementsFor, textsFor } from './statements.js';

const limit = 2;

/** Something for every parameter there is. */
const anything = new Proxy({}, { get: () => 1 }) as Values;
/** Written for PostgreSQL alone. */
const isJoined = (name: string): boolean => name.endsWith('Joined');

/** Every list that can be asked for differs in these. */
const lists: readonly (readonly [string, Parameters<typeof listStatement>[1], Sights | null])[] = [
  ['everything', { limit }, null],
  [
    'by everything',
    {
      limit,
      after: 'op',
      kind: 'sessions.flush',
      state: 'failed',
      requestedBy: 'sue',
      requestId: 'r',
      since: 0,
      until: 1,
      processId: '1',
      targets: ['a'],
    },
    null,
  ],
  ['one’s own', { limit }, { madeBy: 'sue', targets: [] }],
  ['one’s own and others’', { limit, after: 'op' }, { madeBy: 'sue', targets: ['a', 'b'] }],
  ['what was done on a target', { limit, after: 'op', targets: ['a'] }, { madeBy: null, targets: ['a'] }],
  [
    'what was done on many',
    { limit, state: 'running' },
    { madeBy: 'sue', targets: Array.from({ length: 40 }, (_, index) => `t${String(index)}`) },
  ],
];

const allOf = (dialect: Dialect): readonly (readonly [string, Statement])[] => [
  ...Object.entries(statementsFor(dialect))
    .filter(([name]) => dialect.joins || !isJoined(name))
    .map(([name, statement]) => [name, statement(anything)] as const),
  ...lists.map(([name, query, sights]) => [name, listStatement(dialect, query, sights)] as const),
];

describe('a statement', () => {
  it('names its parameters, which each engine marks as it does', () => {
    const text = 'select :a, :b where :a <> :c';
    const values = { a: 1, b: null, c: 'x', more: 2 };
    expect(bind(text, '?')(values)).toEqual({ sql: 'select ?, ? where ? <> ?', parameters: [1, null, 1, 'x'] });
    expect(bind(text, '$', 'it')(values)).toEqual({
      name: 'it',
      sql: 'select $1, $2 where $1 <> $3',
      parameters: [1, null, 'x'],
    });
  });

  it('is not sent without one of them', () => {
    expect(() => bind('select :a', '?', 'it')({ b: 1 })).toThrow('The statement it lacks its parameter a.');
  });

  it('has its name in one place', () => {
    expect(Object.keys(textsFor(sqlite))).toEqual(Object.keys(textsFor(postgres)));
  });
});

describe('on SQLite', () => {
  let database: Database;

  beforeAll(async () => {
    database = await openSqlite(':memory:');
  });

  afterAll(() => database.close());

  it.each(allOf(sqlite))('%s is a statement of today’s tables', async (_name, { sql, parameters }) => {
    await expect(database.read({ sql: `explain ${sql}`, parameters })).resolves.not.toHaveLength(0);
  });

  it.each([
    ...lists.filter(([, , sights]) => sights && sights.targets.length < 10),
    ['the names of targets', null, null] as const,
  ])('%s is found along indexes', async (_name, query, sights) => {
    const { sql, parameters } = query ? listStatement(sqlite, query, sights) : statementsFor(sqlite).targetNames({});
    const rows = await database.read({ sql: `explain query plan ${sql}`, parameters });
    const steps = rows.map(({ detail }) => String(detail));
    expect(steps.join('\n')).toMatch(/USING (?:COVERING )?INDEX operation(?:s_requested_by|_targets_target)/);
    // What is gone through are the few that searches found, and the lists that were given.
    expect(steps.filter((step) => /^SCAN (?!found|every|names|json_each)/.test(step))).toEqual([]);
  });
});

(hasPostgres('its statements') ? describe : describe.skip)('on PostgreSQL', () => {
  let server: PostgresServer;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startPostgres();
    const address = await server.database();
    await (await openPostgres(() => ({ connectionString: address }))).close();
    client = new pg.Client(address);
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await server.drop();
  });

  it.each(allOf(postgres))('%s is a statement of today’s tables', async (_name, { sql }) => {
    await client.query(`prepare it as ${sql}`);
    await client.query('deallocate it');
  });
});
