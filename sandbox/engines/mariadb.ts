import { setTimeout as sleep } from 'node:timers/promises';
import type { TaurusdbState } from '../huawei/taurusdb/store.ts';
import type { TaurusNode, Thread } from '../huawei/taurusdb/threads.ts';
import { connectMysql, type MysqlConnection } from './drivers.ts';
import type { Engine } from './engine.ts';
import { programNamed, runToEnd, startServer, type EngineServer, type Recipe } from './server.ts';

/** Where MariaDB's server is; undefined if it is not installed. */
export const mariadbProgram = (): string | undefined => programNamed('mariadbd');

/** The account of the emulated cloud: Sluice protects it by its name. */
const administrator = { user: 'rdsAdmin', host: '127.0.0.1' };

function recipeOf(program: string): Recipe {
  return {
    program,
    account: 'mysql',
    prepare: (folder, as) => {
      const installer = programNamed('mariadb-install-db');
      if (installer === undefined) throw new Error('mariadb-install-db is not installed.');
      const more = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
      runToEnd(installer, ['--no-defaults', `--datadir=${folder}/data`, ...more], as, folder);
    },
    options: (folder, port) => [
      '--no-defaults',
      `--datadir=${folder}/data`,
      `--socket=${folder}/socket`,
      `--port=${port}`,
      '--bind-address=127.0.0.1,::1',
      '--skip-name-resolve',
      '--log-bin=binlog',
      '--server-id=1',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
    ],
    ready: async (port, folder) => {
      const root = await connectMysql({ socketPath: `${folder}/socket`, user: 'root' });
      await root.query("create user if not exists rdsAdmin@'%'");
      await root.query("grant all on *.* to rdsAdmin@'%' with grant option");
      await root.end();
      await (await connectMysql({ ...administrator, port })).end();
    },
  };
}

interface Row {
  readonly Id: string | number;
  readonly User: string;
  readonly Host: string;
  readonly db: string | null;
  readonly Command: string;
  readonly Time: string | number | null;
  readonly State: string | null;
  readonly Info: string | null;
}

/** A MariaDB, and what puts it behind a node of the emulated TaurusDB. */
export interface MariadbEngine {
  readonly server: EngineServer;
  behind(place: { readonly instanceId: string; readonly nodeId: string }, state: TaurusdbState): Engine;
  close(): Promise<void>;
}

/** Starts a MariaDB with a binary log; its administrator is `rdsAdmin`, without a password. */
export async function startMariadb(program: string): Promise<MariadbEngine> {
  const server = await startServer(recipeOf(program));
  const connection = await connectMysql({ ...administrator, port: server.port });
  return {
    server,
    behind: (place, state) => engineOf(connection, () => nodeAt(state, place)),
    close: async () => {
      await connection.end();
      await server.stop();
    },
  };
}

function nodeAt(state: TaurusdbState, place: { readonly instanceId: string; readonly nodeId: string }): TaurusNode {
  const instance = state.instances.find(({ id }) => id === place.instanceId);
  const node = instance?.nodes.find(({ id }) => id === place.nodeId);
  if (!instance || !node) throw new Error(`No node ${place.nodeId}`);
  // The other nodes of the instance have no server.
  for (const other of instance.nodes) if (other !== node) other.threads = [];
  return node;
}

function engineOf(connection: MysqlConnection, node: () => TaurusNode): Engine {
  let loaded: readonly Thread[] = [];
  const list = async (): Promise<readonly Thread[]> => {
    const [rows] = await connection.query('show full processlist');
    const now = Date.now();
    return (rows as Row[]).map((row) => threadOf(row, now));
  };
  return {
    load: async () => {
      loaded = await list();
      node().threads = [...loaded];
    },
    end: async () => {
      const left = new Set(node().threads.map(({ id }) => id));
      const ended = loaded.filter(({ id }) => !left.has(id));
      for (const { id } of ended) await connection.query(`kill ${id}`).catch(() => undefined);
      await untilGone(ended, list);
    },
  };
}

const goneWithinMs = 2000;

/** A killed thread stays in the list until it has noticed; the cloud answers when it has, or takes too long. */
async function untilGone(ended: readonly Thread[], list: () => Promise<readonly Thread[]>): Promise<void> {
  const ids = new Set(ended.map(({ id }) => id));
  const deadline = Date.now() + goneWithinMs;
  while (ids.size > 0 && Date.now() < deadline) {
    if ((await list()).every(({ id }) => !ids.has(id))) return;
    await sleep(10);
  }
}

function threadOf(row: Row, now: number): Thread {
  return {
    id: BigInt(row.Id),
    user: row.User,
    host: row.Host,
    db: row.db,
    command: row.Command,
    state: row.State ?? '',
    info: row.Info ?? '',
    since: now - Number(row.Time ?? 0) * 1000,
    internal: row.User === 'system user' || row.Command === 'Daemon',
    blockedBy: null,
  };
}
