import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../core/model/failure.js';
import { quiet, SpecClock } from '../../core/record/spec-journal.js';
import type { Seen } from '../../core/model/process.js';
import type { Call } from '../../core/model/target.js';
import { TooLarge } from '../../transport/too-large.js';
import { Turns } from '../../transport/turns.js';
import { wholeList, type Page } from './whole-list.js';

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
      turns,
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
    await asked[1]?.give(page(1001, 1000, 1));
    expect(await told).toMatchObject({ processes: { length: 1001 }, complete: true });
    const untold = read('untold');
    await asked[2]?.give(page(null, 0));
    await asked[3]?.give(page(null, 1000, 0));
    expect(await untold).toMatchObject({ processes: { length: 1000 }, complete: true });
    expect(places()).toEqual(['told 0', 'told 1000', 'untold 0', 'untold 1000']);
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
  interface Case {
    readonly name: string;
    /** The total that is told, the first row, how many rows. */
    readonly pages: readonly (readonly [number | null, number, number])[];
    readonly complete: boolean;
  }
  const read = async (pages: Case['pages']) => {
    const left = [...pages];
    const next = () => Promise.resolve(page(...(left.shift() ?? ([0, 0, 0] as const))));
    const { complete } = await wholeList(next, [100], call(), clock);
    return [complete, left.length];
  };

  it.each<Case>([
    {
      name: 'became shorter',
      pages: [
        [250, 0, 100],
        [249, 101, 100],
        [249, 201, 49],
      ],
      complete: false,
    },
    {
      name: 'became shorter and then longer',
      pages: [
        [250, 0, 100],
        [249, 101, 100],
        [250, 201, 50],
      ],
      complete: false,
    },
    {
      name: 'became shorter where no total was told meanwhile',
      pages: [
        [250, 0, 100],
        [null, 101, 100],
        [249, 201, 49],
      ],
      complete: false,
    },
    {
      name: 'ends before a total that was told',
      pages: [
        [250, 0, 100],
        [null, 100, 20],
      ],
      complete: false,
    },
    {
      name: 'grew at its end',
      pages: [
        [150, 0, 100],
        [205, 100, 100],
        [206, 200, 6],
      ],
      complete: true,
    },
    {
      name: 'grew at its beginning',
      pages: [
        [150, 0, 100],
        [152, 98, 52],
      ],
      complete: true,
    },
    {
      name: 'stayed as it was',
      pages: [
        [250, 0, 100],
        [250, 100, 100],
        [250, 200, 50],
      ],
      complete: true,
    },
    {
      name: 'counts the rows of each page that is not full',
      pages: [
        [null, 0, 100],
        [null, 100, 100],
        [3, 200, 3],
      ],
      complete: true,
    },
  ])('is complete, or not, if it $name', async ({ pages, complete }) => {
    expect(await read(pages)).toEqual([complete, 0]);
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
      asked: ['0+4', '0+2', '2+2', '4+4', '8+4'],
    });
  });

  it('is not complete where one row is too large', async () => {
    expect(await read([5, 101, 5, 5, 5], [4, 2, 1])).toEqual({
      ids: [0, 2, 3, 4],
      complete: false,
      asked: ['0+4', '0+2', '0+1', '1+1', '2+2', '4+4'],
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
    expect(await wholeList(next, [4, 1], call(), clock)).toMatchObject({ processes: { length: 3 }, complete: true });
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
    expect(places()).toEqual(['a 0', 'b 0', 'a 1000', 'short 0']);
    await asked[2]?.give(page(1500, 1000, 500));
    await expect(a).resolves.toMatchObject({ processes: { length: 1500 } });
    expect(places().at(-1)).toBe('b 1000');
    await asked[4]?.give(page(1500, 1000, 500));
    await expect(b).resolves.toMatchObject({ processes: { length: 1500 } });
  });

  it('that fail give their turn to the next', async () => {
    const { asked, read, places } = setUp();
    const [a, b] = [read('a'), read('b')];
    await asked[0]?.give(page(1500, 0));
    await asked[1]?.give(page(1500, 0));
    await Promise.all([asked[2]?.fail(new Failure('upstream-timeout', 'late')), expect(a).rejects.toThrow('late')]);
    expect(places().at(-1)).toBe('b 1000');
    await asked[3]?.give(page(1500, 1000, 500));
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
    await asked[2]?.give(page(1500, 1000, 500));
    await a;
    expect(places()).toEqual(['a 0', 'b 0', 'a 1000']);
    const c = read('c');
    await asked[3]?.give(page(1500, 0));
    await asked[4]?.give(page(1500, 1000, 500));
    await expect(c).resolves.toMatchObject({ complete: true });
  });
});
