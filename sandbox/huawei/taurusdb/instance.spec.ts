import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { ask, bodyOf, standingClock, START } from '../spec-requests.ts';
import { TAURUSDB } from './seed.ts';

const INSTANCE = `/v3/${PROJECT.id}/instances/${TAURUSDB.instanceId}`;
const PLACE = { instanceId: TAURUSDB.instanceId, nodeId: TAURUSDB.nodeId };
const NODE = `${INSTANCE}/nodes/${TAURUSDB.nodeId}`;

function cloud(knobs: Partial<HuaweiKnobs> = {}) {
  const { taurusdb, state } = createHuawei({ clock: standingClock().now, ...knobs });
  const get = (path: string) => ask(taurusdb, START, `GET ${path}`);
  return { taurusdb, state, get };
}

describe('the details of an instance', () => {
  it('name its nodes, and follow a failover', () => {
    const { get, state } = cloud();
    state.actions['taurusdb.set-node']?.({ ...PLACE, type: 'slave' });
    expect(bodyOf(get(INSTANCE))).toMatchObject({
      instance: { nodes: [{ id: TAURUSDB.nodeId, type: 'slave', status: 'ACTIVE' }, { id: TAURUSDB.secondNodeId }] },
    });
  });
});

describe('lock waits', () => {
  it('name the thread that holds the lock', () => {
    const { get, state } = cloud();
    const blocker = state.taurusdb.addThread(PLACE, { info: 'UPDATE entry SET a = 1', seconds: 90 });
    const waiting = state.taurusdb.addThread(PLACE, { command: 'Query', blockedBy: blocker.id, seconds: 7 });
    expect(bodyOf(get(`${NODE}/process/lock-wait?pid=${waiting.id}`))).toMatchObject({
      abnormal_root_cause: {
        abnormal_type: 'LOCK_WAIT',
        lock_root_cause: { locked_pid: waiting.id, blocker_pid: blocker.id, wait_seconds: 7n, blocker_age: 90n },
      },
    });
    expect(get(`${NODE}/process/lock-wait?pid=${blocker.id}`).body).toBe('{}');
    expect(get(`${NODE}/process/lock-wait?pid=x`).status).toBe(400);
  });
});

describe('the rows of threads', () => {
  it.each([
    [{}, 'bigint', true],
    [{ rowIds: 'strings' as const }, 'string', true],
    [{ rowsWithoutIds: 1 }, 'undefined', false],
  ])('under %j have an id of type %s', (knobs, type, has) => {
    const { processes } = bodyOf(cloud(knobs).get(`${NODE}/processes?limit=1`)) as {
      processes: Record<string, unknown>[];
    };
    expect([typeof processes[0]?.id, 'id' in (processes[0] ?? {})]).toEqual([type, has]);
  });

  it('take their time by a knob', () => {
    const { taurusdb, state } = cloud({ pageMs: 150 });
    expect(taurusdb.latency?.('list-processes')).toBe(150);
    expect(taurusdb.latency?.('delete-processes')).toBe(0);
    state.knobs.pageMs = 30;
    expect(taurusdb.latency?.('list-processes')).toBe(30);
  });
});
