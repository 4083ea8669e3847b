import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres, type PostgresServer } from '../../test/postgres.js';
import type { Caller, Role } from '../core/model/caller.js';
import { systemClock } from '../core/model/clock.js';
import type { Journal, OperationQuery } from '../core/record/journal.js';
import type { Ask } from '../platform/entry/ask.js';
import type { Database } from '../store/database.js';
import { MemoryJournal } from '../store/memory/memory.journal.js';
import { openPostgres, openSqlite } from '../store/open.js';
import { at, begin, close } from '../store/spec-operations.js';
import { postgres, sqlite, type Dialect } from '../store/sql/dialect.js';
import { SqlJournal } from '../store/sql/sql.journal.js';
import { OperationListQuery, type OperationListDto } from './operation-list.dto.js';
import { ListService } from './list.service.js';
import { isAsked, see, viewerOf } from './visible.js';

interface Setting {
  readonly journal: Journal;
  /** How often the journal was read since this was last asked. */
  readonly reads: () => number;
}

/** Numbers that look random, and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function counted<Asked, Found>(work: (asked: Asked) => Found): [(asked: Asked) => Found, () => number] {
  let count = 0;
  return [
    (asked) => {
      count += 1;
      return work(asked);
    },
    () => {
      const told = count;
      count = 0;
      return told;
    },
  ];
}

function inMemory(): Setting {
  const journal = new MemoryJournal();
  const [list, reads] = counted(journal.list.bind(journal));
  journal.list = list;
  return { journal, reads };
}

function inTables(database: Database, dialect: Dialect): Setting {
  const [read, reads] = counted(database.read.bind(database));
  const write = database.write.bind(database);
  return { journal: new SqlJournal({ read, write, close: () => database.close() }, dialect), reads };
}

async function onServer(server: PostgresServer): Promise<Database> {
  const address = await server.database();
  return openPostgres(() => ({ connectionString: address }));
}

const onPostgres = hasPostgres('what callers see of operations');
const engines = ['memory', 'sqlite', ...(onPostgres ? ['postgres'] : [])];
const names = Array.from({ length: 40 }, (_, index) => `t${String(index).padStart(2, '0')}`);

function callerOf(name: string, role: Role, targets: readonly string[] | null): Caller {
  return { name, grants: [{ role, matches: (one) => targets?.includes(one) ?? true, statements: false }] };
}

const callers: readonly (readonly [string, Caller])[] = [
  ['views everything', callerOf('u0', 'viewer', null)],
  ['made nothing, and views everything', callerOf('none', 'viewer', null)],
  ['operates one target', callerOf('u1', 'operator', ['t03'])],
  ['operates some targets', callerOf('u2', 'operator', names.slice(0, 9))],
  ['operates most targets', callerOf('u3', 'operator', names.slice(0, 36))],
  ['administers everything', callerOf('u4', 'admin', null)],
  ['operates a target that is not there', callerOf('u1', 'operator', ['other'])],
];

const queries: readonly Partial<OperationListQuery>[] = [
  {},
  { target: 't03' },
  { target: 't03', state: 'running' },
  { target: 't38' },
  { target: 'other' },
  { kind: 'processes.kill', requestedBy: 'u2' },
  { requestedBy: 'u4' },
  { state: 'succeeded' },
  { since: new Date(at + 30_000).toISOString(), until: new Date(at + 100_000).toISOString() },
];

describe.each(engines)('a list of operations on %s', (engine) => {
  let server: PostgresServer | undefined;
  let opened: Journal | undefined;

  beforeAll(async () => {
    if (engine === 'postgres') server = await startPostgres();
  });

  afterAll(async () => {
    await opened?.close();
    await server?.drop();
  });

  async function setUp() {
    await opened?.close();
    const setting =
      engine === 'memory'
        ? inMemory()
        : engine === 'sqlite'
          ? inTables(await openSqlite(':memory:'), sqlite)
          : inTables(await onServer(server!), postgres);
    opened = setting.journal;
    const service = new ListService(setting.journal, systemClock);
    const list = (caller: Caller, query: Partial<OperationListQuery>) =>
      service.list({ caller } as Ask, Object.assign(new OperationListQuery(), query));
    return { ...setting, list };
  }

  it('shows what each caller would see of everything, page by page', async () => {
    const { journal, list } = await setUp();
    const below = numbers(20_261_122);
    for (let index = 0; index < 150; index += 1) {
      const id = `op_${String(index).padStart(4, '0')}`;
      const targets = new Set(Array.from({ length: 1 + below(3) }, () => names[below(names.length)]!));
      const header = {
        requestedBy: `u${String(below(5))}`,
        kind: below(2) === 0 ? ('processes.kill' as const) : ('sessions.flush' as const),
        dryRun: below(10) === 0,
      };
      await begin(journal, id, { targets: [...targets], header, at: at + index * 1000 });
      if (below(3) > 0) await close(journal, id, { isOver: below(2) === 0 });
    }
    const expected = async (
      caller: Caller,
      { target, since, until, kind, state, requestedBy }: Partial<OperationListQuery>,
    ) => {
      const query: OperationQuery = {
        ...(kind === undefined ? {} : { kind }),
        ...(state === undefined ? {} : { state }),
        ...(requestedBy === undefined ? {} : { requestedBy }),
        ...(target === undefined ? {} : { targets: [target] }),
        ...(since === undefined ? {} : { since: Date.parse(since), until: Date.parse(until!) }),
        limit: 1000,
      };
      const seen = (await journal.list(query)).flatMap((one) => see(caller, one) ?? []);
      const asked = Object.assign(new OperationListQuery(), target === undefined ? {} : { target });
      const all = seen.filter((one) => isAsked(one, asked));
      // The journal alone comes to the same: nothing is read in vain.
      const found = await journal.list({ ...query, viewer: viewerOf(caller) });
      expect(found.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
      return all;
    };
    let most = 0;
    for (const [, caller] of callers) {
      for (const query of queries) {
        const all = await expected(caller, query);
        most = Math.max(most, all.length);
        for (const limit of ['13', '1000']) {
          const found: OperationListDto['items'] = [];
          let pageToken: string | null = null;
          do {
            const page = await list(caller, { ...query, limit, ...(pageToken === null ? {} : { pageToken }) });
            found.push(...page.items);
            ({ nextPageToken: pageToken } = page);
          } while (pageToken !== null);
          expect(found.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
          expect(found).toMatchObject(all.map(({ state, counts }) => ({ state, counts })));
        }
      }
    }
    expect(most).toBeGreaterThan(100);
  }, 60_000);

  it('costs two reads, and one for each found that still runs, whatever others did', async () => {
    const { journal, list, reads } = await setUp();
    const count = 2000;
    await begin(journal, 'op_0000', { header: { requestedBy: 'sue' } });
    for (let from = 1; from < count; from += 50) {
      const ids = Array.from({ length: 50 }, (_, index) => `op_${String(from + index).padStart(4, '0')}`);
      await Promise.all(ids.map((id, index) => begin(journal, id, { targets: [names[index % names.length]!] })));
    }
    const listed = async (caller: Caller, query: Partial<OperationListQuery> = {}) => {
      reads();
      const page = await list(caller, { limit: '1', ...query });
      expect(reads()).toBeLessThanOrEqual(2 + 2);
      return page;
    };
    expect(await listed(callerOf('nobody', 'viewer', null))).toEqual({ items: [], nextPageToken: null });
    expect(await listed(callerOf('nobody', 'viewer', null), { target: 't03' })).toMatchObject({ items: [] });
    expect(await listed(callerOf('nobody', 'operator', ['other']))).toMatchObject({ items: [] });
    expect(await listed(callerOf('sue', 'viewer', null))).toMatchObject({ items: [{ id: 'op_0000' }] });
    expect(await listed(callerOf('nobody', 'operator', ['t03']))).toMatchObject({
      items: [{ targets: [{ target: 't03' }] }],
    });
    expect((await listed(callerOf('nobody', 'admin', null))).nextPageToken).not.toBeNull();
  }, 60_000);
});
