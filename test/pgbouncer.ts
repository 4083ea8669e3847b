import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

const program = '/usr/sbin/pgbouncer';

/** False, with a line that says so, where there is no PgBouncer to test with. CI must have one. */
export function hasPgBouncer(what: string): boolean {
  if (existsSync(program)) return true;
  if (process.env['CI'] === 'true') throw new Error('CI needs PgBouncer: apt-get install -y pgbouncer');
  process.stderr.write(`PgBouncer is not installed: ${what} was not tested through it.\n`);
  return false;
}

/**
 * PgBouncer in transaction mode with its own defaults, before a server, with so few sessions that everybody shares
 * them.
 */
export interface PgBouncer {
  /** The address of a database through it. */
  through(address: string): string;
  close(): Promise<void>;
}

/** Starts it on loopback, in front of the server of this address. */
export async function startPgBouncer(address: string): Promise<PgBouncer> {
  const server = new URL(address);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=${server.hostname} port=${server.port} user=${server.username}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1`,
      `listen_port = ${String(port)}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 5',
    ].join('\n'),
  );
  // It does not run as root.
  chmodSync(folder, 0o755);
  const as = process.getuid?.() === 0 ? { uid: Number(spawnSync('id', ['-u', 'postgres']).stdout.toString()) } : {};
  const child = spawn(program, ['-q', file], { ...as, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await until(
    () => canConnect(port),
    (can) => can,
  );
  return {
    through: (to) => {
      const url = new URL(to);
      url.port = String(port);
      return url.href;
    },
    close: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
