import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../core/model/failure.js';
import { quiet, SpecClock } from '../../core/record/spec-journal.js';
import type { Seen } from '../../core/model/process.js';
import type { Call } from '../../core/model/target.js';
import { pick, randomFrom } from '../../../test/faults/random.js';
import { AheadRoom } from './pages-ahead.js';
import { seenAll } from './seen-all.js';
import type { Page } from './page.js';
import { wholeList } from './whole-list.js';

const call: Call = { requestId: 'r', deadline: Infinity, signal: new AbortController().signal };
const clock = new SpecClock();
const sideBySide = (pages: number, room = 24) => ({ pages, room: new AheadRoom(room) });

const rowsFrom = (from: number, to: number): readonly Seen[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => ({ id: String(from + index) }) as Seen);

interface Sent {
  readonly offset: number;
  readonly signal: AbortSignal;
  readonly give: (rows?: readonly Seen[], total?: number) => Promise<void>;
  readonly fail: (thrown: Error) => Promise<void>;
}

/** A list of so many rows, whose pages the test gives one by one. */
function held(count: number, manner: Parameters<typeof wholeList>[4]) {
  const sent: Sent[] = [];
  const read = wholeList(
    (offset, limit, { signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<Page>();
      const give = (rows = rowsFrom(offset, Math.min(count, offset + limit)), total = count) => {
        resolve({ processes: rows, rows: rows.length, total });
        return quiet();
      };
      const fail = (thrown: Error) => {
        reject(thrown);
        return quiet();
      };
      sent.push({ offset, signal, give, fail });
      return promise;
    },
    [100],
    call,
    clock,
    manner,
  );
  read.catch(() => undefined);
  return { sent, read, offsets: () => sent.map(({ offset }) => offset) };
}

describe('pages that are asked for side by side', () => {
  it('are asked for once the first told how many there are, so many at once, in whatever order they come', async () => {
    const { sent, read, offsets } = held(620, { sideBySide: sideBySide(3) });
    expect(offsets()).toEqual([0]);
    await sent[0]!.give();
    expect(offsets()).toEqual([0, 90, 180, 270]);
    await sent[3]!.give();
    await sent[2]!.give();
    expect(offsets()).toHaveLength(4);
    await sent[1]!.give();
    expect(offsets()).toEqual([0, 90, 180, 270, 360, 450, 540]);
    for (const one of sent.slice(4)) await one.give();
    expect(await read).toEqual({ processes: rowsFrom(0, 620), complete: true });
  });

  it('take no more of a connection than is there for them', async () => {
    const room = new AheadRoom(2);
    const one = held(1000, { sideBySide: { pages: 8, room } });
    await one.sent[0]!.give();
    expect(one.offsets()).toEqual([0, 90, 180, 270]);
    const other = held(1000, { sideBySide: { pages: 8, room } });
    await other.sent[0]!.give();
    expect(other.offsets()).toEqual([0, 90]);
    await one.sent[2]!.give();
    await other.sent[1]!.give();
    expect(other.offsets()).toEqual([0, 90, 180, 270]);
  });

  it('are whole where what slipped between two of them is asked for, and the others are used', async () => {
    const { sent, read, offsets } = held(400, { sideBySide: sideBySide(3) });
    await sent[0]!.give();
    expect(offsets()).toEqual([0, 90, 180, 270]);
    // Twenty of the first page ended in between: all others stand further in front.
    const left = rowsFrom(20, 400);
    const now = (offset: number): readonly Seen[] => left.slice(offset, offset + 100);
    for (const one of sent.slice(1)) await one.give(now(one.offset), 380);
    expect(offsets()).toEqual([0, 90, 180, 270, 67]);
    await sent[4]!.give(now(67), 380);
    expect(offsets()).toEqual([0, 90, 180, 270, 67, 360]);
    await sent[5]!.give(now(360), 380);
    expect(await read).toMatchObject({ processes: { length: 400 }, complete: true });
  });

  it('are given up once the list is read, or could not be', async () => {
    const { sent, read } = held(1000, { sideBySide: sideBySide(3) });
    await sent[0]!.give();
    await sent[1]!.fail(new Failure('upstream-unavailable', 'Gone.'));
    await expect(read).rejects.toThrow('Gone.');
    // The first was read, and the second failed: those that nobody wants any more are let go.
    expect(sent.slice(2).map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it('read of a list that stands still what one after the other reads', async () => {
    const random = randomFrom(20_261_122);
    const upTo = (most: number): number => Math.floor(random() * (most + 1));
    for (let round = 0; round < 500; round += 1) {
      const size = upTo(60);
      const most = 1 + upTo(12);
      // What vendors do: page by less than they are asked for, tell no total, one of the page, or another one.
      const given = random() < 0.3 ? 1 + upTo(most) : most;
      const tells = pick(random, ['all', 'page', 'nothing', 'more'] as const);
      const left = random() < 0.2 ? upTo(size) : -1;
      const pageFrom = (offset: number, limit: number): Promise<Page> => {
        const rows = rowsFrom(offset, Math.min(size, offset + Math.min(limit, given)));
        const total = { all: size, page: rows.length, nothing: null, more: size + 3 }[tells];
        return Promise.resolve({ processes: rows.filter(({ id }) => id !== String(left)), rows: rows.length, total });
      };
      const one = await wholeList(pageFrom, [most], call, clock);
      const many = await wholeList(pageFrom, [most], call, clock, { sideBySide: sideBySide(1 + upTo(8)) });
      expect(many.complete).toBe(one.complete);
      // Where the vendor repeats itself, one more page was under way.
      expect(many.processes.slice(0, one.processes.length)).toEqual(one.processes);
      if (one.complete) expect(many.processes).toHaveLength(one.processes.length);
    }
  });

  it('never claim to be whole without somebody who lives, whatever comes and goes while they are under way', async () => {
    const random = randomFrom(20_261_130);
    let whole = 0;
    for (let look = 0; look < 200; look += 1) {
      let next = 1000;
      const rows = Array.from({ length: 1000 }, (_, at) => at);
      const churn = (): void => {
        for (let count = Math.floor(random() * 6); count > 0; count -= 1) {
          rows.splice(Math.floor(random() * rows.length), 1);
          rows.push(next);
          next += 1;
        }
      };
      const pageFrom = async (offset: number, limit: number): Promise<Page> => {
        // Each page is of a moment of its own.
        for (let wait = Math.floor(random() * 9); wait > 0; wait -= 1) await Promise.resolve();
        churn();
        const shown = rows.slice(offset, offset + limit);
        return { processes: shown.map((id) => ({ id: String(id) }) as Seen), rows: shown.length, total: rows.length };
      };
      const found = await wholeList(pageFrom, [100], call, clock, { sideBySide: sideBySide(8) });
      if (!found.complete) continue;
      whole += 1;
      const ids = new Set(found.processes.map(({ id }) => Number(id)));
      expect(rows.filter((id) => id < 1000 && !ids.has(id))).toEqual([]);
    }
    expect(whole).toBeGreaterThan(190);
  });
});

describe('a look for named ids', () => {
  it('ends once all of them were seen, and the list went beyond them in the order of its ids', async () => {
    const { sent, read } = held(1000, { isEnough: seenAll(['7', '12']) });
    await sent[0]!.give();
    expect(await read).toMatchObject({ processes: { length: 100 }, complete: false });
  });

  it.each<[string, readonly string[], readonly Seen[], number]>([
    ['one of them is missing', ['7', '150'], rowsFrom(0, 100), 2],
    ['one of them is the last row, and another row of it may follow', ['99'], rowsFrom(0, 100), 2],
    ['the list is in another order', ['7'], rowsFrom(0, 100).toReversed(), 2],
  ])('goes on where %s', async (_name, ids, first, pages) => {
    const { sent, offsets } = held(1000, { isEnough: seenAll(ids) });
    await sent[0]!.give(first);
    expect(offsets()).toHaveLength(pages);
  });

  it('has those that were seen before the time of the call was over', async () => {
    const { sent, read } = held(1000, { isEnough: seenAll(['7', '950']) });
    await sent[0]!.give();
    await sent[1]!.fail(new Failure('upstream-timeout', 'Late.'));
    expect(await read).toMatchObject({ processes: { length: 100 }, complete: false });
    const none = held(1000, { isEnough: seenAll(['7']) });
    await none.sent[0]!.fail(new Failure('upstream-timeout', 'Late.'));
    await expect(none.read).rejects.toThrow('Late.');
  });
});
