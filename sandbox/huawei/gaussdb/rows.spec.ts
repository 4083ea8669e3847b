import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { ask, bodyOf, standingClock, START } from '../spec-requests.ts';
import { GAUSSDB } from './seed.ts';

const INSTANCE = `/v3/${PROJECT.id}/instances/${GAUSSDB.instanceId}`;
const PLACE = { instanceId: GAUSSDB.instanceId, nodeId: GAUSSDB.nodeId, componentId: 'cn_5001' };

function rowsWith(knobs: Partial<HuaweiKnobs> = {}): Record<string, unknown>[] {
  const huawei = createHuawei({ clock: standingClock().now, ...knobs });
  const body = { node_id: GAUSSDB.nodeId, component_id: 'cn_5001' };
  const reply = ask(huawei.gaussdb, START, `POST ${INSTANCE}/real-time-session`, body);
  return (bodyOf(reply) as { sessions: Record<string, unknown>[] }).sessions;
}

describe('the rows of sessions', () => {
  it('have the 36 members of the vendor, of the types of its clients', () => {
    const numbers = ['back_end_start', 'query_start', 'transaction_start'];
    for (const row of rowsWith()) {
      expect(Object.keys(row)).toHaveLength(36);
      for (const [name, value] of Object.entries(row)) {
        const types = numbers.includes(name) ? ['bigint', 'object'] : ['string'];
        expect([name, types]).toEqual([name, expect.arrayContaining([typeof value])]);
      }
    }
  });

  it('tell times in seconds that fit 32 bits, or in milliseconds', () => {
    expect(rowsWith()[0]?.back_end_start).toBe(BigInt(START / 1000 - 3600));
    expect(rowsWith()[0]?.back_end_start).toBeLessThan(2n ** 31n);
    expect(rowsWith({ gaussdbTimes: 'milliseconds' })[0]?.back_end_start).toBe(BigInt(START - 3_600_000));
  });

  it('count the seconds of what runs', () => {
    const active = rowsWith().filter(({ state }) => state === 'active');
    expect(active.map(({ exec_time: seconds }) => seconds)).toEqual(['120', '45']);
    expect(active[0]).toMatchObject({ wait: 'true', lock_mode: 'ShareLock', transaction_time_cost: '120' });
  });

  it('are several a session, if so minded', () => {
    const rows = rowsWith({ rowsPerSession: 3 });
    expect(rows).toHaveLength(24);
    const [first] = rows;
    expect(rows.slice(0, 3)).toMatchObject([
      { session_id: first?.session_id, smp_id: '0', parent_session_id: '' },
      { session_id: first?.session_id, smp_id: '1', parent_session_id: first?.session_id },
      { session_id: first?.session_id, smp_id: '2', parent_session_id: first?.session_id },
    ]);
    expect(new Set(rows.slice(0, 3).map(({ lwt_id: id }) => id)).size).toBe(3);
  });

  it('have ids as strings, as numbers, or none', () => {
    const [documented] = rowsWith();
    expect(rowsWith({ rowIds: 'numbers' })[0]?.session_id).toBe(BigInt(String(documented?.session_id)));
    expect(
      rowsWith({ rowsWithoutIds: 1 })
        .map((row) => 'session_id' in row)
        .slice(0, 2),
    ).toEqual([false, true]);
  });
});

describe('the nodes of an instance', () => {
  it('are the pairs that the session calls take, and follow a failover', () => {
    const { gaussdb, state } = createHuawei({ clock: standingClock().now });
    const nodes = () =>
      (bodyOf(ask(gaussdb, START, `POST ${INSTANCE}/key-view-execute-node`)) as { nodes: object[] }).nodes;
    expect(nodes()).toMatchObject([
      { node_id: GAUSSDB.nodeId, component_id: 'cn_5001', role: 'master', type: 'CN' },
      { node_id: GAUSSDB.nodeId, component_id: 'dn_6001', role: 'master', type: 'DN' },
      { node_id: GAUSSDB.secondNodeId, component_id: 'dn_6002', role: 'slave', type: 'DN' },
    ]);
    state.actions['gaussdb.set-component']?.({ ...PLACE, componentId: 'dn_6001', role: 'slave', status: 'Standby' });
    expect(nodes()[1]).toMatchObject({ component_id: 'dn_6001', role: 'slave' });
  });
});

describe('a state that forbids', () => {
  it('refuses every call on the instance', () => {
    const { gaussdb } = createHuawei({ clock: standingClock().now, stateRefusal: 'DBS.200019' });
    const reply = ask(gaussdb, START, `GET ${INSTANCE}/components`);
    expect([reply.status, bodyOf(reply)]).toMatchObject([409, { error_code: 'DBS.200019' }]);
  });
});
