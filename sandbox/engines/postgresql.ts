import { dirname, join } from 'node:path';
import { Client } from 'pg';
import type { Component, Session } from '../huawei/gaussdb/sessions.ts';
import type { GaussdbState } from '../huawei/gaussdb/store.ts';
import type { Engine } from './engine.ts';
import { programNamed, runToEnd, startServer, type EngineServer, type Recipe } from './server.ts';

/** Where PostgreSQL's server is; undefined if it is not installed. */
export const postgresqlProgram = (): string | undefined => programNamed('postgres');

const administrator = { host: '127.0.0.1', user: 'rdsAdmin', database: 'postgres', application_name: 'rdsAdmin' };

function recipeOf(program: string): Recipe {
  const initdb = join(dirname(program), 'initdb');
  return {
    program,
    account: 'postgres',
    prepare: (folder, as) => {
      const options = ['-D', `${folder}/data`, '-A', 'trust', '-U', 'rdsAdmin', '-E', 'UTF8', '--locale=C.UTF-8'];
      runToEnd(initdb, [...options, '--no-sync'], as, folder);
    },
    options: (folder, port) => [
      ...['-D', `${folder}/data`, '-k', folder],
      ...['port=' + String(port), 'listen_addresses=127.0.0.1,::1', 'fsync=off', 'compute_query_id=on'].flatMap(
        (setting) => ['-c', setting],
      ),
    ],
    ready: async (port) => {
      const client = new Client({ ...administrator, port });
      await client.connect();
      await client.end();
    },
  };
}

/** A row of pg_stat_activity. */
interface Row {
  readonly pid: number;
  readonly state: string | null;
  readonly usename: string | null;
  readonly client_addr: string | null;
  readonly client_port: number | null;
  readonly datname: string | null;
  readonly application_name: string | null;
  readonly query: string | null;
  readonly query_id: string | null;
  readonly wait_event: string | null;
  readonly wait_event_type: string | null;
  readonly backend_type: string | null;
  readonly backend_start: Date | null;
  readonly xact_start: Date | null;
  readonly query_start: Date | null;
  readonly blockers: readonly number[];
}

const statement = 'select *, pg_blocking_pids(pid) as blockers from pg_stat_activity';

/** Where the sessions of the server are to be. */
interface Place {
  readonly instanceId: string;
  readonly nodeId: string;
  readonly componentId: string;
}

/** A PostgreSQL, and what puts it behind a component of the emulated GaussDB. */
export interface PostgresqlEngine {
  readonly server: EngineServer;
  behind(place: Place, state: GaussdbState): Engine;
  close(): Promise<void>;
}

/** Starts a PostgreSQL; its administrator is `rdsAdmin`, without a password. */
export async function startPostgresql(program: string): Promise<PostgresqlEngine> {
  const server = await startServer(recipeOf(program));
  const client = new Client({ ...administrator, port: server.port });
  client.on('error', () => undefined);
  await client.connect();
  return {
    server,
    behind: (place, state) => engineOf(client, () => componentAt(state, place)),
    close: async () => {
      await client.end();
      await server.stop();
    },
  };
}

function componentAt(state: GaussdbState, { instanceId, nodeId, componentId }: Place): Component {
  const nodes = state.instances.find(({ id }) => id === instanceId)?.nodes ?? [];
  const components = nodes.flatMap((node) => node.components.map((component) => ({ node, component })));
  const found = components.find(({ node, component }) => node.id === nodeId && component.id === componentId);
  if (!found) throw new Error(`No component ${componentId}`);
  // The other components of the instance have no server.
  for (const { component } of components) if (component !== found.component) component.sessions = [];
  return found.component;
}

function engineOf(client: Client, component: () => Component): Engine {
  let loaded: readonly Session[] = [];
  return {
    load: async () => {
      const { rows } = await client.query<Row>(statement);
      loaded = rows.map(sessionOf);
      component().sessions = [...loaded];
    },
    end: async () => {
      const left = new Set(component().sessions.map(({ id }) => id));
      for (const { id } of loaded.filter((session) => !left.has(session.id))) {
        await client.query('select pg_terminate_backend($1, 2000)', [Number(id)]);
      }
    },
  };
}

function sessionOf(row: Row): Session {
  return {
    id: String(row.pid),
    pid: String(row.pid),
    state: row.state,
    userName: row.usename,
    clientIp: row.client_addr,
    clientPort: row.client_port === null ? null : String(row.client_port),
    databaseName: row.datname,
    applicationName: row.application_name ?? '',
    query: row.query ?? '',
    sqlId: row.query_id ?? '0',
    waitEvent: row.wait_event ?? 'none',
    waitStatus: row.wait_event_type ?? 'none',
    lockMode: '',
    lockTag: '',
    threadName: row.backend_type ?? '',
    startedAt: row.backend_start?.getTime() ?? 0,
    transactionStartedAt: row.xact_start?.getTime() ?? null,
    queryStartedAt: row.query_start?.getTime() ?? 0,
    blockedBy: row.blockers.map(String)[0] ?? '',
  };
}
