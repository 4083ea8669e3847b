import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A PostgreSQL server of its own, on loopback, that really waits for the disk. */
export interface PostgresServer {
  /** The URL of a new, empty database. */
  database(): Promise<string>;
  /** The URL of a new, empty database for a role that may create nothing there; its right password is `guest`. */
  guestDatabase(password: string): Promise<string>;
  start(): Promise<void>;
  /** Ends it at once, as a crash would. */
  stop(): Promise<void>;
  /** Lets all its processes stand still, or go on. */
  freeze(): void;
  thaw(): void;
  drop(): Promise<void>;
}

const packages = '/usr/lib/postgresql';

/** Where Debian's server is; undefined if it is not installed. */
function binaries(): string | undefined {
  if (!existsSync(packages)) return undefined;
  const found = readdirSync(packages)
    .map((version) => join(packages, version, 'bin'))
    .filter((folder) => existsSync(join(folder, 'initdb')));
  return found.at(-1);
}

/** False, with a line that says so, where there is no server to test with. CI must have one. */
export function hasPostgres(what: string): boolean {
  if (binaries() !== undefined) return true;
  if (process.env['CI'] === 'true') throw new Error('CI needs a PostgreSQL: apt-get install -y postgresql');
  process.stderr.write(`PostgreSQL is not installed: ${what} was not tested on it.\n`);
  return false;
}

/** The server does not run as root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((option) => Number(spawnSync('id', [option, 'postgres']).stdout.toString()));
  return { uid: uid!, gid: gid! };
}

/** Makes a cluster in a directory of its own and starts it. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === undefined) throw new Error('PostgreSQL is not installed.');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  const as = account();
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  const clusters = join(folder, 'cluster');
  run(join(bin, 'initdb'), [
    '-D',
    clusters,
    '--no-sync',
    '-A',
    'trust',
    '-U',
    'sluice',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
  ]);
  const rules = join(clusters, 'pg_hba.conf');
  writeFileSync(rules, `host all guest 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  const port = await freePort();
  let server: ChildProcess | undefined;
  let made = 0;

  function run(program: string, options: readonly string[]): void {
    const { status, stderr } = spawnSync(program, options, { ...as, cwd: folder, timeout: 20_000 });
    if (status !== 0) throw new Error(`${program} failed: ${stderr.toString()}`);
  }

  const settings = [`port=${String(port)}`, 'listen_addresses=127.0.0.1', 'max_connections=150', 'fsync=on'];
  const self: PostgresServer = {
    async database() {
      made += 1;
      const name = `sluice${String(made)}`;
      await psql(`create database ${name}`);
      return `postgres://sluice@127.0.0.1:${String(port)}/${name}`;
    },
    async guestDatabase(password) {
      const url = new URL(await self.database());
      // Once for all databases.
      await psql("do $$ begin create role guest login password 'guest'; exception when duplicate_object then end $$");
      await psql('revoke create on schema public from public', url.pathname.slice(1));
      return Object.assign(url, { username: 'guest', password }).href;
    },
    async start() {
      const options = settings.flatMap((setting) => ['-c', setting]);
      server = spawn(join(bin, 'postgres'), ['-D', clusters, '-k', folder, ...options], {
        ...as,
        cwd: folder,
        stdio: 'ignore',
      });
      for (let attempt = 0; attempt < 200; attempt += 1) {
        if (spawnSync(join(bin, 'pg_isready'), ['-q', '-h', folder, '-p', String(port)]).status === 0) return;
        await sleep(50);
      }
      throw new Error('PostgreSQL did not start.');
    },
    async stop() {
      const stopped = server;
      server = undefined;
      if (!stopped || stopped.exitCode !== null || stopped.signalCode !== null) return;
      const ended = new Promise((resolve) => stopped.once('exit', resolve));
      stopped.kill('SIGQUIT');
      await ended;
    },
    freeze() {
      for (const pid of pids()) process.kill(pid, 'SIGSTOP');
    },
    thaw() {
      for (const pid of pids()) process.kill(pid, 'SIGCONT');
    },
    async drop() {
      await self.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  /** The server, and the processes that it started. */
  function pids(): readonly number[] {
    if (server?.pid === undefined) return [];
    const children = readFileSync(`/proc/${String(server.pid)}/task/${String(server.pid)}/children`, 'utf8');
    return [server.pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
  }

  function psql(text: string, database = 'postgres'): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = ['-h', folder, '-p', String(port), '-U', 'sluice', '-d', database, '-q', '-c', text];
      const child = spawn(join(bin!, 'psql'), options, { stdio: 'ignore' });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`psql failed: ${text}`));
      });
    });
  }

  await self.start();
  return self;
}
