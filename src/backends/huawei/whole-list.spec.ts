import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../core/model/failure.js';
import { quiet, SpecClock } from '../../core/record/spec-journal.js';
import type { Seen } from '../../core/model/process.js';
import type { Call } from '../../core/model/target.js';
import { TooLarge } from '../../transport/too-large.js';
import { Turns } from '../../transport/turns.js';
import { randomFrom } from '../../../test/faults/random.js';
import type { Page } from './page.js';
import { wholeList } from './whole-list.js';

const clock = new SpecClock();
const rowsPerPage = 1000;

const call = (deadline = Infinity, signal = new AbortController().signal): Call => ({
  requestId: 'r',
  deadline,
  signal,
});

interface Asked {
  readonly list: string;
  readonly offset: number;
  readonly give: (page: Page) => Promise<void>;
  readonly fail: (failure: Failure) => Promise<void>;
}

function setUp(inFlight = 1) {
  const turns = new Turns({ inFlight, queue: Infinity });
  const asked: Asked[] = [];
  const read = (list: string, by: Call = call()) =>
    wholeList(
      (offset) => {
        const { promise, resolve, reject } = Promise.withResolvers<Page>();
        const give = (page: Page): Promise<void> => {
          resolve(page);
          return quiet();
        };
        const fail = (failure: Failure): Promise<void> => {
          reject(failure);
          return quiet();
        };
        asked.push({ list, offset, give, fail });
        return promise;
      },
      [rowsPerPage],
      by,
      clock,
      { turns },
    );
  const places = (): readonly string[] => asked.map(({ list, offset }) => `${list} ${String(offset)}`);
  return { asked, read, places };
}

/** A page of so many rows, of which some are processes. */
function page(total: number | null, from: number, rows = rowsPerPage, processes = rows): Page {
  const seen = Array.from({ length: processes }, (_, index) => ({ id: String(from + index) }) as Seen);
  return { processes: seen, rows, total };
}

describe('a list of several pages', () => {
  it('ends where the vendor says, or with a page that is not full', async () => {
    const { asked, read, places } = setUp();
    const told = read('told');
    await asked[0]?.give(page(1001, 0));
    await asked[1]?.give(page(1001, 900, 101));
    expect(await told).toMatchObject({ processes: { length: 1001 }, complete: true });
    const untold = read('untold');
    await asked[2]?.give(page(null, 0));
    await asked[3]?.give(page(null, 900, 100));
    expect(await untold).toMatchObject({ processes: { length: 1000 }, complete: true });
    expect(places()).toEqual(['told 0', 'told 900', 'untold 0', 'untold 900']);
  });

  it('is not complete with rows that are no processes, before the end that was told, or with pages that repeat themselves', async () => {
    const { asked, read } = setUp();
    const partly = read('partly');
    await asked[0]?.give(page(10, 0, 10, 9));
    expect(await partly).toMatchObject({ processes: { length: 9 }, complete: false });
    const cut = read('cut');
    await asked[1]?.give(page(5, 0, 1));
    await asked[2]?.give(page(5, 1, 0));
    expect(await cut).toMatchObject({ processes: { length: 1 }, complete: false });
    const repeated = read('repeated');
    await asked[3]?.give(page(5000, 0));
    await asked[4]?.give(page(5000, 0));
    expect(await repeated).toMatchObject({ processes: { length: 1000 }, complete: false });
  });
});

describe('a list that changes while it is read', () => {
  /** A vendor's list, in which the test lets come and go between two pages. */
  function moving(ids: readonly number[], between: readonly ((rows: number[]) => void)[] = []) {
    const rows = [...ids];
    const asked: string[] = [];
    const changes = [...between];
    const pageFrom = async (offset: number, limit: number): Promise<Page> => {
      asked.push(`${String(offset)}+${String(limit)}`);
      await Promise.resolve();
      const shown = rows.slice(offset, offset + limit);
      const total = rows.length;
      changes.shift()?.(rows);
      return { processes: shown.map((id) => ({ id: String(id) }) as Seen), rows: shown.length, total };
    };
    const read = async () => {
      const { processes, complete } = await wholeList(pageFrom, [100, 10, 2, 1], call(), clock);
      return { complete, ids: new Set(processes.map(({ id }) => Number(id))) };
    };
    return { read, asked, rows };
  }
  const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

  it('begins each page with rows of the one before it', async () => {
    const { read, asked } = moving(upTo(250));
    expect((await read()).complete).toBe(true);
    expect(asked).toEqual(['0+100', '90+100', '180+100']);
  });

  it.each<[string, (rows: number[]) => void, readonly string[]]>([
    ['two end and two begin', (rows) => [rows.splice(3, 2), rows.push(900, 901)], ['0+100', '90+100', '180+100']],
    ['the last of a page ends', (rows) => rows.splice(99, 1), ['0+100', '90+100', '180+100']],
    ['twenty end', (rows) => rows.splice(3, 20), ['0+100', '90+100', '67+100', '157+100']],
    ['ten begin in front', (rows) => rows.unshift(...upTo(10).map((id) => 900 + id)), ['0+100', '90+100', '180+100']],
    ['all but a few end', (rows) => rows.splice(3, 180), ['0+100', '90+100', '67+100', '34+100', '0+100']],
  ])('has whoever lives where %s meanwhile', async (_name, change, expected) => {
    const { read, asked, rows } = moving(upTo(250), [change]);
    const { complete, ids } = await read();
    expect(complete).toBe(true);
    expect(rows.filter((id) => id < 900 && !ids.has(id))).toEqual([]);
    expect(asked).toEqual(expected);
  });

  it('is not complete where it moves faster than it can be read', async () => {
    const leap = (rows: number[]): unknown => rows.splice(0, 150);
    const { read } = moving(upTo(3000), [() => undefined, ...Array.from({ length: 20 }, () => leap)]);
    expect((await read()).complete).toBe(false);
  });

  it('is not complete with fewer than it counts, or where it ends before a total that was told', async () => {
    const same = { processes: [{ id: '1' } as Seen], rows: 1, total: 3 };
    let left = 2;
    const repeated = () => Promise.resolve(left-- > 0 ? same : { ...same, processes: [], rows: 0 });
    expect(await wholeList(repeated, [100], call(), clock)).toMatchObject({ complete: false });
  });

  it('never claims to be complete without somebody who lives, whatever comes and goes', async () => {
    const random = randomFrom(20_261_130);
    let complete = 0;
    for (let look = 0; look < 200; look += 1) {
      let next = 500;
      const churn = (rows: number[]): void => {
        for (let count = Math.floor(random() * 4); count > 0; count -= 1) {
          rows.splice(Math.floor(random() * rows.length), 1);
          rows.push(next);
          next += 1;
        }
      };
      const { read, rows } = moving(
        upTo(500),
        Array.from({ length: 40 }, () => churn),
      );
      const found = await read();
      if (!found.complete) continue;
      complete += 1;
      expect(rows.filter((id) => id < 500 && !found.ids.has(id))).toEqual([]);
    }
    expect(complete).toBeGreaterThan(190);
  });
});

describe('a list with pages that are too large', () => {
  /** Rows of these sizes, of which a page may have 100 together. */
  const read = async (sizes: readonly number[], rowsPerPage: readonly [number, ...number[]]) => {
    const asked: string[] = [];
    const pageFrom = async (offset: number, limit: number): Promise<Page> => {
      asked.push(`${String(offset)}+${String(limit)}`);
      await Promise.resolve();
      const rows = sizes.slice(offset, offset + limit);
      if (rows.reduce((sum, size) => sum + size, 0) > 100) throw new TooLarge();
      return page(sizes.length, offset, rows.length);
    };
    const { processes, complete } = await wholeList(pageFrom, rowsPerPage, call(), clock);
    return { ids: processes.map(({ id }) => Number(id)), complete, asked };
  };

  it('is asked for in smaller pages there, and in whole ones again after that', async () => {
    expect(await read([30, 30, 30, 30, 5, 5, 5, 5, 5], [4, 2, 1])).toEqual({
      ids: [0, 1, 2, 3, 4, 5, 6, 7, 8],
      complete: true,
      asked: ['0+4', '0+2', '1+2', '2+2', '3+4', '6+4'],
    });
  });

  it('is not complete where one row is too large', async () => {
    expect(await read([5, 101, 5, 5, 5], [4, 2, 1])).toEqual({
      ids: [0, 2, 3, 4],
      complete: false,
      asked: ['0+4', '0+2', '0+1', '1+1', '1+2', '2+1', '3+1', '3+4'],
    });
    expect(await read([101], [4, 2, 1])).toMatchObject({ ids: [], complete: false });
  });

  it('goes on where a small page has nothing new, since others began meanwhile', async () => {
    const pages = [new TooLarge(), page(3, 0, 1), page(4, 0, 1), page(4, 1, 1), page(4, 2, 1)];
    const next = async (): Promise<Page> => {
      await Promise.resolve();
      const given = pages.shift()!;
      if (given instanceof TooLarge) throw given;
      return given;
    };
    expect(await wholeList(next, [4, 1], call(), clock)).toMatchObject({ processes: { length: 3 }, complete: false });
  });

  it('cannot be had where there are no smaller pages', async () => {
    await expect(read([101, 5], [1000])).rejects.toBeInstanceOf(TooLarge);
  });
});

describe('lists of more than a thousand', () => {
  it('are read in turn, and shorter ones meanwhile', async () => {
    const { asked, read, places } = setUp();
    const [a, b] = [read('a'), read('b')];
    await asked[0]?.give(page(1500, 0));
    await asked[1]?.give(page(1500, 0));
    const short = read('short');
    await asked[3]?.give(page(1000, 0));
    await expect(short).resolves.toMatchObject({ complete: true });
    expect(places()).toEqual(['a 0', 'b 0', 'a 900', 'short 0']);
    await asked[2]?.give(page(1500, 900, 600));
    await expect(a).resolves.toMatchObject({ processes: { length: 1500 } });
    expect(places().at(-1)).toBe('b 900');
    await asked[4]?.give(page(1500, 900, 600));
    await expect(b).resolves.toMatchObject({ processes: { length: 1500 } });
  });

  it('that fail give their turn to the next', async () => {
    const { asked, read, places } = setUp();
    const [a, b] = [read('a'), read('b')];
    await asked[0]?.give(page(1500, 0));
    await asked[1]?.give(page(1500, 0));
    await Promise.all([asked[2]?.fail(new Failure('upstream-timeout', 'late')), expect(a).rejects.toThrow('late')]);
    expect(places().at(-1)).toBe('b 900');
    await asked[3]?.give(page(1500, 900, 600));
    await expect(b).resolves.toMatchObject({ complete: true });
  });

  it('are given up, and nothing more is asked for, when their caller goes', async () => {
    const { asked, read, places } = setUp();
    const caller = new AbortController();
    const a = read('a');
    const b = read('b', call(Infinity, caller.signal));
    await asked[0]?.give(page(1500, 0));
    await asked[1]?.give(page(1500, 0));
    caller.abort();
    await expect(b).rejects.toMatchObject({ kind: 'request-timeout' });
    await asked[2]?.give(page(1500, 900, 600));
    await a;
    expect(places()).toEqual(['a 0', 'b 0', 'a 900']);
    const c = read('c');
    await asked[3]?.give(page(1500, 0));
    await asked[4]?.give(page(1500, 900, 600));
    await expect(c).resolves.toMatchObject({ complete: true });
  });
});
