import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/free-port.ts';
import type { PostgresServer } from '../test/postgres.ts';
import { hasPostgres, startPostgres } from '../test/postgres.ts';
import type { RowName } from './calls.ts';
import { environment, nginxConfig, type SluiceOptions } from './config.ts';
import { onFirstCore } from './machine.ts';
import { ordinary, wide } from './scene.ts';

const here = import.meta.dirname;
const own = join(here, '..');
/** Of this build as it is; before it is bundled, a profile of it tells whose code ran. */
const [bundled, unbundled] = ['dist/main.js', 'build/main.js'];

/** What `npm start` of a working copy tells Node. */
function flagsOf(folder: string): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

const nest = ['--import', join(here, 'decorators.mjs'), join(here, 'stock.ts')];

/** A process that was started, and answers. */
export interface Started {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from its start to its first answer of 200. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** Where the bench keeps its files, and whom the gateways ask. */
export interface Place {
  readonly folder: string;
  readonly vendors: number;
  /** Another working copy, whose build is compared with this one. */
  readonly against?: string | undefined;
}

export async function startVendors(): Promise<Started> {
  const port = await freePort();
  return start([process.execPath, join(here, 'vendors.ts'), String(port)], port, '/');
}

/** Starts one of the gateways; undefined where what it needs is not installed. */
export async function startRow(row: RowName, place: Place) {
  const port = await freePort();
  const program = (...parts: readonly string[]) =>
    start(onFirstCore([process.execPath, ...parts, String(port), String(place.vendors)]), port, '/');
  switch (row) {
    case 'reference':
      return program(join(here, 'reference.ts'));
    case 'stock':
      return program(...nest, 'as-it-comes');
    case 'packages':
      return program(...flagsOf(own), ...nest, 'undici');
    case 'nginx':
      return startNginx(place, port);
    case 'memory':
      return startSluice({ port, vendors: place.vendors, store: { memory: {} } }, place);
    case 'open':
      return startSluice({ port, vendors: place.vendors, store: { memory: {} }, open: true }, place);
    case 'wide':
      return startSluice({ port, vendors: place.vendors, store: { memory: {} }, scene: wide }, place);
    case 'against':
    case 'against-wide':
      return startOther(row, place, port);
    case 'sqlite': {
      const store = { sqlite: { path: join(place.folder, `${String(port)}.db`) } };
      return startSluice({ port, vendors: place.vendors, store }, place);
    }
    case 'postgres':
      return startOnPostgres(place, port);
  }
}

async function startOther(row: RowName, place: Place, port: number): Promise<Started | undefined> {
  if (place.against === undefined) return undefined;
  const scene = row === 'against-wide' ? wide : ordinary;
  return startSluice({ port, vendors: place.vendors, store: { memory: {} }, scene }, place, [], {}, place.against);
}

async function startNginx({ folder, vendors }: Place, port: number): Promise<Started | undefined> {
  if (spawnSync('nginx', ['-v']).status !== 0) return undefined;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxConfig(folder, port, vendors));
  return start(onFirstCore(['nginx', '-c', file, '-e', join(folder, 'nginx.log')]), port, '/ready');
}

async function startOnPostgres(place: Place, port: number): Promise<Started | undefined> {
  if (!hasPostgres('the speed of Sluice')) return undefined;
  const server: PostgresServer = await startPostgres();
  const store = { postgres: { url: { env: 'DATABASE_URL' } } };
  const url = await server.database();
  const started = await startSluice({ port, vendors: place.vendors, store }, place, [], { DATABASE_URL: url });
  return {
    ...started,
    async stop() {
      await started.stop();
      await server.drop();
    },
  };
}

/** Starts the built program as `npm start` does. */
export async function startSluice(
  options: SluiceOptions,
  { folder }: Pick<Place, 'folder'>,
  nodeArguments: readonly string[] = [],
  more: NodeJS.ProcessEnv = {},
  copy = own,
): Promise<Started> {
  const file = join(folder, `${String(options.port)}.yaml`);
  mkdirSync(folder, { recursive: true });
  // Another build takes what its own bench configures.
  const { sluiceConfig } = (await import(join(copy, 'bench', 'config.ts'))) as typeof import('./config.ts');
  writeFileSync(file, sluiceConfig(options));
  const profiled = nodeArguments.some((one) => one.startsWith('--cpu-prof'));
  const program = join(copy, profiled ? unbundled : bundled);
  const command = onFirstCore([process.execPath, ...flagsOf(copy), ...nodeArguments, program]);
  return start(command, options.port, '/health/ready', {
    ...environment,
    ...more,
    SLUICE_CONFIG: file,
    // As `npm start` and the image do.
    NODE_COMPILE_CACHE: join(folder, copy === own ? 'compiled' : 'compiled-other'),
  });
}

async function start(
  [command = '', ...options]: readonly string[],
  port: number,
  path: string,
  variables: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const begun = performance.now();
  const child = spawn(command, options, {
    env: { PATH: process.env['PATH'], ...variables },
    // The access log is written, and read by nobody.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  while (!(await answers(port, path))) {
    if (child.exitCode !== null) throw new Error(`${command} ${options.join(' ')} ended before it answered.`);
    await sleep(3);
  }
  const readyMs = performance.now() - begun;
  if (child.pid === undefined) throw new Error(`${command} has no process.`);
  return {
    port,
    pid: child.pid,
    readyMs,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Does it answer at all? What is not ready answers 503. */
async function answers(port: number, path: string): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${String(port)}${path}`);
    return status !== 503;
  } catch {
    return false;
  }
}
