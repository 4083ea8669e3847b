import type { CacheClient, CacheInstance, CacheNode, MakeClient } from './clients.ts';

/** Ids of the emulated DCS instances. */
export const DCS = {
  instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79',
  /** The master. */
  nodeId: '8f7ee181-88e2-49b7-a4bf-81f18f93a135',
  /** Its replica. */
  secondNodeId: '8abf6e1e8239d1d7018239e29d2c0038',
  otherInstanceId: '6671ef27-d0a0-4584-a6d5-e2c684d27f8a',
  otherNodeId: '8abf6e1e8239d1d7018239e29d2c0099',
  /** Its clients are connected to proxies. */
  proxyInstanceId: '7782f038-e1b1-4695-b5e7-f3d795e3809b',
  proxyNodeId: '8abf6e1e8239d1d7018239e29d2c0201',
  secondProxyNodeId: '8abf6e1e8239d1d7018239e29d2c0202',
  shardNodeId: '8abf6e1e8239d1d7018239e29d2c0203',
} as const;

/** The instances as they are at the start. */
export function seedCacheInstances(make: MakeClient): CacheInstance[] {
  return [
    {
      id: DCS.instanceId,
      nodes: [
        node(DCS.nodeId, 'master', '192.168.0.41', masterClients(make)),
        node(DCS.secondNodeId, 'slave', '192.168.0.42', replicaClients(make)),
      ],
    },
    {
      id: DCS.otherInstanceId,
      nodes: [
        node(
          DCS.otherNodeId,
          'master',
          '192.168.0.61',
          [0, 30, 600].map((idleSeconds) => make({ name: 'sessions', idleSeconds })),
        ),
      ],
    },
    {
      id: DCS.proxyInstanceId,
      nodes: [
        node(DCS.proxyNodeId, 'proxy', '192.168.0.81', throughProxy(make, [0, 45, 600, 3600])),
        node(DCS.secondProxyNodeId, 'proxy', '192.168.0.82', throughProxy(make, [5, 90])),
        node(DCS.shardNodeId, 'master', '192.168.0.83', []),
      ],
    },
  ];
}

function node(id: string, type: CacheNode['type'], ip: string, clients: CacheClient[]): CacheNode {
  return { id, type, status: 'Active', ip, clients, listing: null };
}

/** A proxy sees its clients where they are: no address of the cloud's own stands between. */
function throughProxy(make: MakeClient, idle: readonly number[]): CacheClient[] {
  return idle.map((idleSeconds) => {
    const client = make({ name: 'baskets', idleSeconds });
    return { ...client, addr: client.peer };
  });
}

function masterClients(make: MakeClient): CacheClient[] {
  return [
    ...[0, 1, 59, 61, 300, 7200].map((idleSeconds) => make({ idleSeconds })),
    make({ name: 'events', cmd: 'subscribe', flags: 'P', sub: 2, idleSeconds: 1800 }),
    make({ name: 'events', cmd: 'psubscribe', flags: 'P', psub: 1, idleSeconds: 900 }),
    make({ name: 'worker', cmd: 'blpop', flags: 'b', idleSeconds: 40 }),
    make({ name: 'checkout', cmd: 'set', flags: 'x', multi: 3, idleSeconds: 90, db: '1' }),
    make({ name: 'replica', cmd: 'replconf', flags: 'S', ageSeconds: 900_000, idleSeconds: 0 }),
    make({ name: 'debug', cmd: 'monitor', flags: 'O', idleSeconds: 120 }),
  ];
}

function replicaClients(make: MakeClient): CacheClient[] {
  return [
    ...[0, 0, 5, 45, 60, 75, 600, 1200, 14_400].map((idleSeconds) => make({ name: 'catalog', idleSeconds })),
    make({ name: 'events', cmd: 'subscribe', flags: 'P', sub: 1, idleSeconds: 3000 }),
    make({ name: 'worker', cmd: 'xread', flags: 'b', idleSeconds: 15 }),
    make({ name: 'master', cmd: 'ping', flags: 'M', ageSeconds: 900_000, idleSeconds: 4 }),
  ];
}
