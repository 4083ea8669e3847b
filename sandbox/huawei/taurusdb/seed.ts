import type { MakeThread, TaurusInstance, Thread } from './threads.ts';

/** Ids of the emulated TaurusDB instances. */
export const TAURUSDB = {
  instanceId: 'a23fb62bd61e4e9e9636fd2225f395bein07',
  nodeId: '18663926eacb443d98dc20f8620f28f2no07',
  secondNodeId: '28663926eacb443d98dc20f8620f28f2no07',
  otherInstanceId: 'b34fc73ce72f5fafa747fe3336f406cfin07',
  otherNodeId: '39774a37fbdc554ea9ed31f9731f39f3no07',
} as const;

const SECONDS_ASLEEP = [5, 12, 30, 45, 59, 60, 61, 75, 90, 120, 180, 240, 300, 600, 900, 1200, 1800, 2700, 3600, 4000];

/** The instances as they are at the start. */
export function seedTaurusInstances(make: MakeThread): TaurusInstance[] {
  return [
    {
      id: TAURUSDB.instanceId,
      nodes: [
        {
          id: TAURUSDB.nodeId,
          type: 'master',
          status: 'ACTIVE',
          threads: [...primaryThreads(make), ...vendorThreads(make), ...internalThreads(make)],
        },
        {
          id: TAURUSDB.secondNodeId,
          type: 'slave',
          status: 'ACTIVE',
          threads: [
            make({ user: 'reporting', host: '10.0.1.45:41001', seconds: 1800 }),
            make({ user: 'reporting', host: '10.0.1.45:41002', seconds: 20 }),
            make({ ...query('SELECT count(*) FROM orders'), user: 'reporting', host: '10.0.1.45:41003', seconds: 33 }),
          ],
        },
      ],
    },
    {
      id: TAURUSDB.otherInstanceId,
      nodes: [
        {
          id: TAURUSDB.otherNodeId,
          type: 'master',
          status: 'ACTIVE',
          threads: [
            make({ user: 'billing_app', db: 'billing', seconds: 700 }),
            make({ user: 'billing_app', db: 'billing', seconds: 30 }),
            make({ ...query('SELECT 1'), user: 'billing_app', db: 'billing', seconds: 1 }),
          ],
        },
      ],
    },
  ];
}

function primaryThreads(make: MakeThread): Thread[] {
  const threads = [
    ...SECONDS_ASLEEP.map((seconds) => make({ seconds })),
    ...SECONDS_ASLEEP.map((seconds) => make({ user: 'web', host: `10.0.2.8:${String(30_000 + seconds)}`, seconds })),
    make({ id: 9007199254740993n, user: 'batch', host: '10.0.1.99:52001', seconds: 2500 }),
    make({ user: 'root', host: '10.0.0.9:51234', db: null, seconds: 400 }),
    make({ ...query('SHOW ENGINE INNODB STATUS'), user: 'root', host: '10.0.0.9:51235', db: null, seconds: 0 }),
    make({ ...query("UPDATE orders SET status = 'paid' WHERE id = 17"), state: 'updating', seconds: 8 }),
    make({ ...query('SELECT * FROM orders ORDER BY created_at'), state: 'Sorting result', seconds: 140 }),
    make({ ...query('CALL nightly_rollup()'), user: 'batch', host: '10.0.1.99:52002', seconds: 1500 }),
  ];
  // The rollup has locked the order that somebody pays.
  const [payment, , rollup] = threads.slice(-3);
  if (payment && rollup) payment.blockedBy = rollup.id;
  return threads;
}

/** The vendor's own, listed like any other, and ended if somebody asks for it. */
function vendorThreads(make: MakeThread): Thread[] {
  return [
    make({ id: 3000001n, user: 'rdsAdmin', host: '127.0.0.1:60001', db: null, seconds: 5000 }),
    make({
      id: 3000002n,
      user: 'rdsRepl',
      host: '192.168.0.12:60002',
      db: null,
      command: 'Binlog Dump GTID',
      state: 'Master has sent all binlog to slave; waiting for more updates',
      seconds: 800_000,
    }),
  ];
}

function internalThreads(make: MakeThread): Thread[] {
  const internal = { host: 'localhost', db: null, command: 'Daemon', internal: true };
  return [
    make({ ...internal, id: 1n, user: 'event_scheduler', state: 'Waiting on empty queue', seconds: 900_000 }),
    make({ ...internal, id: 2n, user: 'rdsAdmin', seconds: 900_000 }),
    make({ ...internal, id: 3n, user: 'rdsRepl', command: 'Binlog Dump', seconds: 800_000 }),
  ];
}

function query(info: string): Pick<Thread, 'command' | 'state' | 'info'> {
  return { command: 'Query', state: 'executing', info };
}
