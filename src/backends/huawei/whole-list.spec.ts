import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../core/failure.js';
import { quiet, SpecClock } from '../../core/spec-journal.js';
import type { Seen } from '../../core/process.js';
import type { Call } from '../../core/target.js';
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
      rowsPerPage,
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
