import { describe, expect, it } from '@jest/globals';
import type { Role } from '../core/model/caller.js';
import { noSafeguards, unguarded } from '../core/model/spec-process.js';
import type { Target } from '../core/model/target.js';
import { HealthBoard } from '../platform/telemetry/health-board.js';
import { systemClock } from '../core/model/clock.js';
import { Engine } from '../core/engine/engine.js';
import { MemoryJournal } from '../store/memory/memory.journal.js';
import { TargetsService } from './targets.service.js';

const whole = { name: null, id: null, component: null };
const done = { node: null, call: 'x', code: null, message: null, requestId: null, jobId: null };

/** A target that can do everything. */
function able(readOnly: boolean): Target {
  const route = { method: 'POST', path: '/x' };
  return {
    ...unguarded,
    safeguards: { ...noSafeguards, readOnly },
    name: 'orders',
    backend: 'spec',
    labels: {},
    description: null,
    facts: new Set(),
    states: new Set(),
    isId: () => true,
    configuredNodes: [whole],
    nodes: () => Promise.resolve([whole]),
    lookMs: 1000,
    look: () => Promise.resolve({ processes: [], complete: true, at: new Date(0) }),
    kill: { call: 'kill', route, batch: 1, tellsNotFound: true, run: () => Promise.resolve({ call: done, ended: [] }) },
    tune: { call: 'tune', route, run: () => Promise.resolve({ is: 'set', call: done }) },
  };
}

function tell(target: Target, role: Role) {
  const caller = { name: 'c', grants: [{ role, matches: () => true, statements: false }] };
  const targets = { all: [target], named: (name: string) => (name === target.name ? target : undefined) };
  const journal = new MemoryJournal();
  const engine = new Engine(journal, systemClock, 'spec');
  return new TargetsService(new HealthBoard(), engine, journal).get({ caller, targets }, 'orders');
}

describe('a target', () => {
  it.each<[boolean, Role, readonly string[]]>([
    [false, 'operator', ['look', 'flush', 'kill', 'tune']],
    [false, 'viewer', ['look']],
    [true, 'admin', ['look']],
    [true, 'viewer', ['look']],
  ])('that is read-only: %s, lets a caller who is %s do %j', async (readOnly, role, may) => {
    expect(await tell(able(readOnly), role)).toMatchObject({
      readOnly,
      may,
      abilities: ['look', 'flush', 'kill', 'tune'],
    });
  });
});
