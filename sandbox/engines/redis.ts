import type { CacheClient, CacheNode } from '../huawei/dcs/clients.ts';
import type { DcsState } from '../huawei/dcs/store.ts';
import { connectRedis, type RedisConnection } from './drivers.ts';
import type { Engine } from './engine.ts';
import { programNamed, startServer, type EngineServer, type Recipe } from './server.ts';

/** Where Redis' or Valkey's server is; undefined if neither is installed. */
export const redisProgram = (): string | undefined => programNamed('redis-server', 'valkey-server');

const urlOf = (port: number) => `redis://127.0.0.1:${port}`;

function recipeOf(program: string, more: readonly string[] = []): Recipe {
  return {
    program,
    account: 'nobody',
    options: (folder, port) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '::1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      ...['--unixsocket', `${folder}/socket`, '--repl-diskless-sync-delay', '0', ...more],
    ],
    ready: async (port) => {
      const client = await connectRedis(urlOf(port));
      client.destroy();
    },
  };
}

/** A Redis with a replica, and what puts them behind the two nodes of the emulated DCS. */
export interface RedisEngine {
  readonly server: EngineServer;
  readonly replica: EngineServer;
  behind(places: Readonly<Record<'master' | 'replica', Place>>, state: DcsState): Engine;
  close(): Promise<void>;
}

interface Place {
  readonly instanceId: string;
  readonly nodeId: string;
}

/** Starts both, without a password. */
export async function startRedis(program: string): Promise<RedisEngine> {
  const server = await startServer(recipeOf(program));
  const replica = await startServer(recipeOf(program, ['--replicaof', `127.0.0.1 ${server.port}`]));
  const master = await connectRedis(urlOf(server.port));
  const second = await connectRedis(urlOf(replica.port));
  return {
    server,
    replica,
    behind: (places, state) =>
      engineOf(
        [
          { connection: master, place: places.master },
          { connection: second, place: places.replica },
        ],
        state,
      ),
    close: async () => {
      master.destroy();
      second.destroy();
      await replica.stop();
      await server.stop();
    },
  };
}

function nodeAt(state: DcsState, { instanceId, nodeId }: Place): CacheNode {
  const node = state.instances.find(({ id }) => id === instanceId)?.nodes.find(({ id }) => id === nodeId);
  if (!node) throw new Error(`No node ${nodeId}`);
  return node;
}

interface Member {
  readonly connection: RedisConnection;
  readonly place: Place;
}

function engineOf(members: readonly Member[], state: DcsState): Engine {
  const find = () => members.map(({ place }) => nodeAt(state, place));
  let nodes = find();
  let loaded: readonly (readonly CacheClient[])[] = [];
  const put = () => {
    for (const [index, node] of nodes.entries()) node.clients = [...(loaded[index] ?? [])];
  };
  return {
    load: async () => {
      loaded = await Promise.all(members.map(({ connection }) => listOf(connection)));
      // Whoever asks for nodes lets jobs that are over do their work: that must be on what the servers list now.
      put();
      const found = find();
      if (found.every((node, index) => node === nodes[index])) return;
      nodes = found;
      put();
    },
    end: async () => {
      for (const [index, { connection }] of members.entries()) {
        const left = new Set(nodes[index]?.clients.map(({ id }) => id));
        for (const { id } of loaded[index] ?? []) {
          if (!left.has(id)) await connection.sendCommand(['CLIENT', 'KILL', 'ID', id]);
        }
      }
    },
  };
}

/** All clients but the administrator. */
async function listOf(connection: RedisConnection): Promise<readonly CacheClient[]> {
  const own = String(await connection.sendCommand(['CLIENT', 'ID']));
  const text = String(await connection.sendCommand(['CLIENT', 'LIST']));
  return clientsOf(text, Date.now()).filter(({ id }) => id !== own);
}

/** What CLIENT LIST writes: a line a client, `name=value` with spaces between. */
export function clientsOf(text: string, now: number): readonly CacheClient[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const values = new Map(
        line.split(' ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
      );
      const textOf = (name: string) => values.get(name) ?? '';
      const numberOf = (name: string) => Number(values.get(name) ?? 0);
      return {
        id: textOf('id'),
        addr: textOf('addr'),
        peer: textOf('addr'),
        name: textOf('name'),
        user: textOf('user'),
        db: textOf('db'),
        cmd: textOf('cmd'),
        flags: textOf('flags'),
        sub: numberOf('sub'),
        psub: numberOf('psub'),
        multi: numberOf('multi'),
        connectedAt: now - numberOf('age') * 1000,
        lastCommandAt: now - numberOf('idle') * 1000,
      };
    });
}
