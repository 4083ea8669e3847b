import { describe, expect, it } from '@jest/globals';
import type { OperationEvent } from '../core/event.js';
import type { OperationHeader } from '../core/operation.js';
import { MemoryJournal } from './memory.journal.js';

const at = Date.UTC(2026, 10, 21);

function prepared(
  id: string,
  targets: readonly string[] = ['pool'],
  more: Partial<OperationHeader> = {},
): OperationEvent {
  const header: OperationHeader = {
    id,
    kind: 'sessions.flush',
    mode: 'graceful',
    dryRun: false,
    requestedBy: 'app',
    onBehalfOf: null,
    reason: null,
    requestId: 'r',
    createdAt: new Date(at).toISOString(),
    ...more,
  };
  return { is: 'prepared', at, header, targets: targets.map((target) => ({ target, backend: 'spec' })) };
}

const ended = (target = 'pool'): OperationEvent => ({ is: 'ended', at, target, note: null });
const closed: OperationEvent = { is: 'closed', at };

async function begin(
  journal: MemoryJournal,
  id: string,
  targets?: readonly string[],
  more?: Partial<OperationHeader>,
): Promise<void> {
  await journal.append(id, prepared(id, targets, more));
}

async function end(journal: MemoryJournal, id: string): Promise<void> {
  await journal.append(id, ended());
  await journal.append(id, closed);
}

const idsOf = (journal: MemoryJournal, query = {}) => [...journal.list(query)].map(({ id }) => id);

describe('the journal in memory', () => {
  it('knows how an operation stands, while it runs and after', async () => {
    const journal = new MemoryJournal();
    expect(await journal.read('op_1')).toBeUndefined();
    await begin(journal, 'op_1');
    expect(await journal.read('op_1')).toMatchObject({ id: 'op_1', state: 'running', endedAt: null });
    await end(journal, 'op_1');
    expect(await journal.read('op_1')).toMatchObject({ state: 'succeeded', endedAt: new Date(at).toISOString() });
  });

  it('lists the newest first, whichever ended first', async () => {
    const journal = new MemoryJournal();
    for (const id of ['op_1', 'op_2', 'op_3', 'op_4']) await begin(journal, id);
    for (const id of ['op_3', 'op_1']) await end(journal, id);
    expect(idsOf(journal)).toEqual(['op_4', 'op_3', 'op_2', 'op_1']);
  });

  it('lists what fits', async () => {
    const journal = new MemoryJournal();
    await begin(journal, 'op_1', ['pool', 'orders']);
    await begin(journal, 'op_2', ['orders'], { kind: 'processes.kill', mode: null });
    await begin(journal, 'op_3', ['pool'], { requestedBy: 'other' });
    await begin(journal, 'op_4', ['pool'], { dryRun: true });
    await end(journal, 'op_3');
    expect(idsOf(journal, { target: 'orders' })).toEqual(['op_2', 'op_1']);
    expect(idsOf(journal, { kind: 'processes.kill' })).toEqual(['op_2']);
    expect(idsOf(journal, { requestedBy: 'other' })).toEqual(['op_3']);
    expect(idsOf(journal, { state: 'running' })).toEqual(['op_2', 'op_1']);
    expect(idsOf(journal, { target: 'pool', state: 'running' })).toEqual(['op_1']);
    expect(idsOf(journal, { target: 'pool', kind: 'sessions.tune' })).toEqual([]);
    expect(await journal.read('op_4')).toMatchObject({ dryRun: true });
  });

  it('keeps so many that have ended, and all that run', async () => {
    const journal = new MemoryJournal(2);
    for (const id of ['op_1', 'op_2', 'op_3', 'op_4', 'op_5']) await begin(journal, id);
    for (const id of ['op_2', 'op_3', 'op_4']) await end(journal, id);
    expect(idsOf(journal)).toEqual(['op_5', 'op_4', 'op_3', 'op_1']);
    expect(await journal.read('op_2')).toBeUndefined();
  });

  it('changes nothing any more once an operation is closed', async () => {
    const journal = new MemoryJournal();
    await begin(journal, 'op_1');
    await end(journal, 'op_1');
    const before = await journal.read('op_1');
    await journal.append('op_1', ended());
    await journal.append('op_1', closed);
    expect(await journal.read('op_1')).toEqual(before);
    expect(idsOf(journal)).toEqual(['op_1']);
  });
});
