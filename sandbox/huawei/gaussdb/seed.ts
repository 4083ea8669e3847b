import type { Component, GaussInstance, MakeSession, Session } from './sessions.ts';

/** Ids of the emulated GaussDB instances. */
export const GAUSSDB = {
  instanceId: '3d39c18788b54a919bab633874c159dfin14',
  nodeId: '52c25e148a4a48c293b66ca95565719cno14',
  secondNodeId: '7a1f0c148a4a48c293b66ca95565719dno14',
  otherInstanceId: '4e4ad29899c65b02acbc744985d26ae0in14',
  otherNodeId: '63d36f259b5b59d3a4c77db066767a0dno14',
} as const;

/** The instances as they are at the start. */
export function seedGaussInstances(now: number, make: MakeSession): GaussInstance[] {
  return [
    {
      id: GAUSSDB.instanceId,
      nodes: [
        {
          id: GAUSSDB.nodeId,
          name: 'ledger_node_1',
          zone: 'ap-southeast-1a',
          components: [
            component('cn_5001', 'CN', 'Normal', coordinatorSessions(now, make)),
            component('dn_6001', 'DN', 'Primary', [...dataNodeSessions(now, make), walSender(make)]),
            component('cm_1', 'CM', 'Primary', []),
          ],
        },
        {
          id: GAUSSDB.secondNodeId,
          name: 'ledger_node_2',
          zone: 'ap-southeast-1b',
          components: [component('dn_6002', 'DN', 'Standby', dataNodeSessions(now, make).slice(0, 2), 'slave')],
        },
      ],
    },
    {
      id: GAUSSDB.otherInstanceId,
      nodes: [
        {
          id: GAUSSDB.otherNodeId,
          name: 'billing_node_1',
          zone: 'ap-southeast-1a',
          components: [component('cn_5001', 'CN', 'Normal', coordinatorSessions(now, make).slice(0, 4))],
        },
      ],
    },
  ];
}

function component(
  id: string,
  type: Component['type'],
  status: string,
  sessions: Session[],
  role: Component['role'] = 'master',
): Component {
  return { id, type, role, status, sessions };
}

function coordinatorSessions(now: number, make: MakeSession): Session[] {
  const blocker = make({
    state: 'idle in transaction',
    query: 'UPDATE entry SET posted = true WHERE id = 4711',
    transactionStartedAt: now - 300_000,
    queryStartedAt: now - 290_000,
  });
  return [
    make(),
    make({ queryStartedAt: now - 5_000 }),
    blocker,
    make({
      state: 'active',
      query: 'UPDATE entry SET posted = false WHERE id = 4711',
      sqlId: '3141592653',
      waitEvent: 'acquire lock',
      waitStatus: 'acquire lock',
      lockMode: 'ShareLock',
      lockTag: '1e240:0:0:0:0:4',
      transactionStartedAt: now - 120_000,
      queryStartedAt: now - 120_000,
      blockedBy: blocker.id,
    }),
    make({
      userName: 'reporting',
      clientIp: '10.0.0.45',
      applicationName: 'nightly-report',
      state: 'active',
      query: 'SELECT account, sum(amount) FROM entry GROUP BY account',
      waitEvent: 'none',
      transactionStartedAt: now - 45_000,
      queryStartedAt: now - 45_000,
    }),
    make({ userName: 'reporting', clientIp: '10.0.0.45', applicationName: 'nightly-report' }),
    make({ userName: 'root', clientIp: '10.0.0.9', databaseName: 'postgres', applicationName: 'gsql' }),
    // The vendor's own, listed like any other.
    make({ userName: 'rdsMetric', clientIp: '10.0.8.1', databaseName: 'postgres', applicationName: 'rdsMetric' }),
  ];
}

/** Sends the write-ahead log to the standby. */
function walSender(make: MakeSession): Session {
  return make({
    userName: 'rdsRepl',
    clientIp: '10.0.8.2',
    databaseName: '',
    applicationName: 'WalSender to Standby[dn_6002]',
    state: 'active',
    query: '',
    waitEvent: 'none',
  });
}

function dataNodeSessions(now: number, make: MakeSession): Session[] {
  return [
    make({ applicationName: 'cn_5001' }),
    make({ applicationName: 'cn_5001', userName: 'reporting' }),
    make({
      applicationName: 'cn_5001',
      state: 'active',
      query: 'SELECT account, sum(amount) FROM entry GROUP BY account',
      waitEvent: 'none',
      transactionStartedAt: now - 45_000,
      queryStartedAt: now - 45_000,
    }),
  ];
}
