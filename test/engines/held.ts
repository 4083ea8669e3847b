import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Client } from 'pg';
import { connectMysql, type MysqlConnection } from '../../sandbox/engines/drivers.ts';

/** A real client of a real server: the test holds its connection, and sees whether the server ended it. */
export interface Held {
  /** Of its own end: by this the server's list tells it from others. */
  readonly port: number;
  readonly address: string;
  readonly isGone: () => boolean;
  close(): void;
}

function holding(socket: Socket): Held {
  let gone = false;
  const { localPort: port = 0, localFamily } = socket;
  socket.once('close', () => (gone = true));
  socket.on('error', () => (gone = true));
  const address = localFamily === 'IPv6' ? `[::1]:${port}` : `127.0.0.1:${port}`;
  return { port, address, isGone: () => gone, close: () => socket.destroy() };
}

interface MysqlWish {
  readonly port: number;
  readonly user: string;
  readonly host?: string;
  readonly database?: string;
  /** Done before it is idle. */
  readonly first?: readonly string[];
  /** Runs until somebody ends it. */
  readonly busy?: string;
}

/** A client of MariaDB. */
export async function holdMysql({ first = [], busy, host = '127.0.0.1', ...wish }: MysqlWish): Promise<Held> {
  const connection = (await connectMysql({ host, ...wish })) as MysqlConnection & {
    readonly connection: { readonly stream: Socket; on(event: 'error', listener: () => void): void };
  };
  connection.connection.on('error', () => undefined);
  for (const statement of first) await connection.query(statement);
  const held = holding(connection.connection.stream);
  if (busy !== undefined) connection.query(busy).catch(() => undefined);
  return held;
}

interface PgWish {
  readonly port: number;
  readonly user: string;
  readonly host?: string;
  readonly database?: string;
  readonly application_name?: string;
  readonly first?: readonly string[];
  readonly busy?: string;
}

/** A client of PostgreSQL. */
export async function holdPg({ first = [], busy, host = '127.0.0.1', database = 'postgres', ...wish }: PgWish) {
  const client = new Client({ host, database, ...wish });
  client.on('error', () => undefined);
  await client.connect();
  for (const statement of first) await client.query(statement);
  const held = holding((client as unknown as { connection: { stream: Socket } }).connection.stream);
  if (busy !== undefined) client.query(busy).catch(() => undefined);
  return held;
}

type Words = readonly string[];

/**
 * A client of Redis that sends these commands, each once the one before was answered, and then holds its connection.
 */
export async function holdRedis(port: number, commands: readonly Words[], host = '127.0.0.1'): Promise<Held> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  const held = holding(socket);
  for (const words of commands) {
    const sent = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${sent.join('')}`);
    // A client that blocks is not answered.
    if (words[0] !== 'BLPOP') await once(socket, 'data');
  }
  return held;
}

/** A program that reads a server's log as long as it is let: a replica of a kind. */
export function holdProgram(program: string, options: readonly string[], folder: string) {
  const child = spawn(program, options, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  return {
    isGone: () => child.exitCode !== null || child.signalCode !== null,
    errors: () => errors,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
