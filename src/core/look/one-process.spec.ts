import { describe, expect, it } from '@jest/globals';
import { oneProcessEach } from './one-process.js';
import type { Process } from '../model/process.js';
import { nobody } from '../model/spec-process.js';

const row = (facts: Partial<Process>): Process => ({ ...nobody, id: '5', ...facts });

describe('oneProcessEach', () => {
  it('leaves rows of several processes as they are', () => {
    const rows = [row({ id: '1' }), row({ id: '2' })];
    expect(oneProcessEach(rows)).toBe(rows);
  });

  it.each<[string, readonly Partial<Process>[], Partial<Process>]>([
    ['three threads alike', [{ user: 'sue' }, { user: 'sue' }, { user: 'sue' }], { user: 'sue' }],
    ['one is protected', [{ user: 'sue' }, { user: 'repl', protected: 'replication' }], { protected: 'replication' }],
    ['the first is protected', [{ protected: 'vendor' }, { state: 'active' }], { protected: 'vendor', state: null }],
    ['one is at work', [{ state: 'idle' }, { state: 'active' }], { state: 'active' }],
    ['one is in a transaction', [{ state: 'idleInTransaction' }, { state: 'idle' }], { state: 'idleInTransaction' }],
    ['what one does not tell', [{ client: null }, { client: '10.0.0.7:1' }], { client: '10.0.0.7:1' }],
    ['what they tell differently', [{ application: 'a' }, { application: 'b' }], { application: null }],
    ['idle for different times', [{ idleSeconds: 500 }, { idleSeconds: 3 }], { idleSeconds: 3 }],
    [
      'idle and at work',
      [
        { state: 'idle', idleSeconds: 500 },
        { state: 'active', busySeconds: 2 },
      ],
      { state: 'active', idleSeconds: null, busySeconds: 2 },
    ],
    ['of different ages', [{ ageSeconds: 5 }, { ageSeconds: 500 }], { ageSeconds: 500 }],
  ])('%s: one process', (_name, rows, expected) => {
    const found = oneProcessEach(rows.map(row));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(expected);
  });
});
