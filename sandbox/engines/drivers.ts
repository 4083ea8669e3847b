import { createRequire } from 'node:module';

/** As much of mysql2 as is used here. */
export interface MysqlConnection {
  query(statement: string): Promise<readonly [unknown, unknown]>;
  end(): Promise<void>;
}

/** As much of node-redis as is used here. */
export interface RedisConnection {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  sendCommand(words: readonly string[]): Promise<unknown>;
  destroy(): void;
}

// The drivers are big and needed with engines only: they are loaded when the first one starts.
const require = createRequire(import.meta.url);

/** A connection to MariaDB; ids and times come as text, so that none is rounded. */
export async function connectMysql(options: object): Promise<MysqlConnection> {
  const driver = require('mysql2/promise') as { createConnection(options: object): Promise<MysqlConnection> };
  return driver.createConnection({ supportBigNumbers: true, bigNumberStrings: true, charset: 'utf8mb4', ...options });
}

/** A connection to Redis that does not come back by itself. */
export async function connectRedis(url: string): Promise<RedisConnection> {
  const driver = require('redis') as { createClient(options: object): RedisConnection };
  const client = driver.createClient({ url, disableClientInfo: true, RESP: 2, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
