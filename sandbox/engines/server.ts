import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real server that runs on a port of loopback, IPv4 and IPv6, and keeps its files in a folder of its own. */
export interface EngineServer {
  readonly port: number;
  readonly folder: string;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** How one kind of server is started. */
export interface Recipe {
  readonly program: string;
  /** The account under which it runs where we are root. */
  readonly account: string;
  /** Makes its files, before it is started. */
  prepare?(folder: string, as: Account): void;
  options(folder: string, port: number): readonly string[];
  /** Throws while it does not answer. */
  ready(port: number, folder: string): Promise<unknown>;
}

/** Whose rights a program has; empty for ours. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const readyWithinMs = 60_000;

/** Runs a program, and kills it when our end of the pipe to its input closes: when we say so, or are gone ourselves. */
const withUs = 'exec 3<&0; "$@" </dev/null & pid=$!; { cat <&3; kill -9 $pid; } >/dev/null & wait $pid';

/** Where Debian puts what is not on the path: the newest of PostgreSQL, or the plain folders. */
export function programNamed(...names: readonly string[]): string | undefined {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : [];
  const folders = [...newest.reverse(), '/usr/sbin', '/usr/bin', '/usr/local/bin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Runs a program to its end; throws what it wrote to its error output if it fails. */
export function runToEnd(program: string, options: readonly string[], as: Account, folder: string): void {
  const { status, stderr, error } = spawnSync(program, options, { ...as, cwd: folder, timeout: readyWithinMs });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.toString()}`);
}

/** Starts a server; rejects if it does not answer within a minute. */
export async function startServer(recipe: Recipe): Promise<EngineServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
  const as = accountOf(recipe.account);
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  try {
    recipe.prepare?.(folder, as);
    const port = await freePort();
    const command = ['-c', withUs, 'sh', recipe.program, ...recipe.options(folder, port)];
    const child = spawn('/bin/sh', command, { ...as, cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
      child.once('error', () => {
        resolve();
      });
    });
    const stop = async (): Promise<void> => {
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    };
    const deadline = Date.now() + readyWithinMs;
    for (;;) {
      try {
        await recipe.ready(port, folder);
        return { port, folder, stop };
      } catch (error) {
        if (Date.now() < deadline && child.exitCode === null) await sleep(50);
        else {
          await stop();
          throw error;
        }
      }
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function accountOf(name: string): Account {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((option) => Number(spawnSync('id', [option, name]).stdout.toString()));
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

/** Nobody else is given it at once: the kernel goes round. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
