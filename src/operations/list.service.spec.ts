import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../core/model/clock.js';
import { Waiting } from '../core/model/waiting.js';
import type { Ask } from '../platform/entry/ask.js';
import { MemoryJournal } from '../store/memory/memory.journal.js';
import { begin, close } from '../store/spec-operations.js';
import { ListService } from './list.service.js';
import { OperationListQuery } from './operation-list.dto.js';

const count = 2000;

async function setUp() {
  const journal = new MemoryJournal(count);
  const ids = Array.from({ length: count }, (_, index) => `op_${String(index).padStart(5, '0')}`);
  for (const id of ids) {
    await begin(journal, id, { header: { requestedBy: 'ops' } });
    await close(journal, id);
  }
  const summaries = journal.summaries.bind(journal);
  const state = { reads: 0, fails: false };
  journal.summaries = (query) => {
    state.reads += 1;
    return state.fails ? Promise.reject(new Error('no store')) : summaries(query);
  };
  const service = new ListService(journal, systemClock);
  const ask = { caller: { name: 'ops', grants: [] }, waiting: new Waiting() } as unknown as Ask;
  const download = (query: Partial<OperationListQuery> = {}) =>
    service.download(ask, Object.assign(new OperationListQuery(), query), 'ndjson');
  return { download, state, ids: ids.toReversed() };
}

const closed = (stream: Awaited<ReturnType<ListService['download']>>): Promise<void> =>
  new Promise((resolve) => stream.once('close', resolve));

describe('a download', () => {
  it('tells all of it', async () => {
    const { download, ids } = await setUp();
    const told = (await (await download()).toArray()).join('').trimEnd().split('\n');
    expect(told.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(ids);
    const some = (await (await download({ limit: '450' })).toArray()).join('').trimEnd().split('\n');
    expect(some).toEqual(told.slice(0, 450));
  });

  it('reads no more from the store than its caller has read', async () => {
    const { download, state } = await setUp();
    const stream = await download();
    stream.read();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(state.reads).toBeLessThanOrEqual(4);
    const end = closed(stream);
    stream.destroy();
    await end;
    expect(state.reads).toBeLessThanOrEqual(4);
  });

  it('is one of four at most, and makes room once it is over, read or not, or was refused', async () => {
    const { download } = await setUp();
    for (let refused = 0; refused < 9; refused += 1) await expect(download({ limit: '0' })).rejects.toThrow('limit');
    const four = await Promise.all([download(), download(), download(), download()]);
    await expect(download()).rejects.toMatchObject({ kind: 'rate-limited' });
    const ends = Promise.all(four.map(closed));
    for (const stream of four) stream.destroy();
    await ends;
    await (await download()).toArray();
    (await download()).destroy();
  });

  it('breaks off where it cannot be told to its end, and is refused where it cannot begin', async () => {
    const { download, state } = await setUp();
    const stream = await download();
    state.fails = true;
    await expect(stream.toArray()).rejects.toThrow('no store');
    for (let tries = 0; tries < 9; tries += 1) await expect(download()).rejects.toThrow('no store');
  });
});
