import { describe, expect, it } from '@jest/globals';
import { quiet, SpecClock } from '../../core/record/spec-journal.js';
import type { Seen } from '../../core/model/process.js';
import type { Call } from '../../core/model/target.js';
import { pick, randomFrom } from '../../../test/faults/random.js';
import { oneAhead } from './one-ahead.js';
import { wholeList, type Page } from './whole-list.js';

const call: Call = { requestId: 'r', deadline: Infinity, signal: new AbortController().signal };

const rowsFrom = (from: number, to: number): readonly Seen[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => ({ id: String(from + index) }) as Seen);

describe('a page that is asked for ahead', () => {
  it('is asked for with the one before it, once the vendor told that there is one', async () => {
    const asked: { readonly offset: number; readonly give: () => Promise<void> }[] = [];
    const read = wholeList(
      oneAhead((offset, limit) => {
        const { promise, resolve } = Promise.withResolvers<Page>();
        const processes = rowsFrom(offset, Math.min(350, offset + limit));
        const give = () => {
          resolve({ processes, rows: processes.length, total: 350 });
          return quiet();
        };
        asked.push({ offset, give });
        return promise;
      }),
      [100],
      call,
      new SpecClock(),
    );
    const offsets = (): readonly number[] => asked.map(({ offset }) => offset);
    expect(offsets()).toEqual([0]);
    await asked[0]?.give();
    expect(offsets()).toEqual([0, 90, 180]);
    // Whichever comes first.
    await asked[2]?.give();
    expect(offsets()).toEqual([0, 90, 180]);
    await asked[1]?.give();
    expect(offsets()).toEqual([0, 90, 180, 270]);
    await asked[3]?.give();
    expect(await read).toEqual({ processes: rowsFrom(0, 350), complete: true });
  });

  it('fails nobody who does not want it', async () => {
    const failing = oneAhead((offset) =>
      offset === 0
        ? Promise.resolve({ processes: rowsFrom(0, 10), rows: 10, total: 100 })
        : Promise.reject(new Error(String(offset))),
    );
    await failing(0, 10);
    const wanted = failing(10, 10);
    // Asked for ahead: 20.
    await expect(wanted).rejects.toThrow('10');
    await quiet();
    await expect(failing(20, 10)).rejects.toThrow('20');
  });

  it('changes nothing of what a list that stands still is read as', async () => {
    const random = randomFrom(20_261_122);
    const upTo = (most: number): number => Math.floor(random() * (most + 1));
    for (let round = 0; round < 500; round += 1) {
      const size = upTo(60);
      const most = 1 + upTo(12);
      // What vendors do: page by less than they are asked for, tell no total, one of the page, or another one.
      const given = random() < 0.3 ? 1 + upTo(most) : most;
      const tells = pick(random, ['all', 'page', 'nothing', 'more'] as const);
      const left = random() < 0.2 ? upTo(size) : -1;
      const asked: number[] = [];
      const pageFrom = (offset: number, limit: number): Promise<Page> => {
        asked.push(offset);
        const rows = rowsFrom(offset, Math.min(size, offset + Math.min(limit, given)));
        const total = { all: size, page: rows.length, nothing: null, more: size + 3 }[tells];
        return Promise.resolve({ processes: rows.filter(({ id }) => id !== String(left)), rows: rows.length, total });
      };
      const one = await wholeList(pageFrom, [most], call, new SpecClock());
      const needed = asked.splice(0).length;
      expect(await wholeList(oneAhead(pageFrom), [most], call, new SpecClock())).toEqual(one);
      expect(asked.length).toBeLessThanOrEqual(2 * needed);
    }
  });
});
