import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Docker engine. */
export interface Engine {
  /** Calls its client, and gives what it printed. Throws with its last words if it fails. */
  readonly docker: (...args: string[]) => string;
  /** Stops the engine if it was started here, and leaves nothing behind. */
  close(): Promise<void>;
}

const startMs = 30_000;

function clientOf(host: string | undefined): Engine['docker'] {
  const env = { ...process.env, ...(host !== undefined && { DOCKER_HOST: host, DOCKER_BUILDKIT: '0' }) };
  return (...args) => {
    const { status, stdout, stderr, error } = spawnSync('docker', args, {
      env,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`docker ${args[0] ?? ''}: ${`${stdout}\n${stderr}`.trim().slice(-4000)}`);
    return stdout;
  };
}

const answers = (docker: Engine['docker']) => {
  try {
    docker('version', '--format', '{{.Server.Version}}');
    return true;
  } catch {
    return false;
  }
};

/** The engine that runs, or one that is started for this. Throws in one line where there is none. */
export async function openEngine(): Promise<Engine> {
  if (spawnSync('docker', ['--version']).error) throw new Error('there is no docker client (Debian: docker.io)');
  const running = clientOf(undefined);
  if (answers(running)) return { docker: running, close: () => Promise.resolve() };
  if (process.getuid?.() !== 0) throw new Error('no Docker engine answers, and only root can start one');
  const program = ['/usr/sbin/dockerd', '/usr/bin/dockerd'].find((path) => existsSync(path));
  if (!program) throw new Error('no Docker engine answers, and there is none to start (Debian: docker.io)');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
  const log = join(folder, 'log');
  const out = openSync(log, 'w');
  // No bridge and no rules: containers share the network of this machine, so that nothing of it is changed.
  const child = spawn(
    program,
    [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'run'), '--pidfile', join(folder, 'pid')],
      ...['-H', `unix://${folder}/socket`, '--bridge=none', '--iptables=false', '--ip6tables=false'],
      ...['--ip-forward=false', '--shutdown-timeout', '5'],
    ],
    { stdio: ['ignore', out, out] },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const docker = clientOf(`unix://${folder}/socket`);
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    for (const mount of mountsBelow(folder)) spawnSync('umount', [mount]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const until = Date.now() + startMs;
  while (!answers(docker)) {
    if (child.exitCode === null && Date.now() < until) {
      await sleep(200);
      continue;
    }
    const words = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
    await close();
    throw new Error(`the Docker engine did not start (${words.slice(0, 200)})`);
  }
  return { docker, close };
}

/** What is still mounted in a folder, the innermost first. */
function mountsBelow(folder: string): readonly string[] {
  const mounts = execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' });
  return mounts
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}
