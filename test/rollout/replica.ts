import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gatewayConfig, gatewayEnvironment } from '../../sandbox/gateway-config.ts';
import type { Vendors } from '../../sandbox/vendors.ts';

/** How long a replica drains. */
export const delaySeconds = 3;
export const timeoutSeconds = 10;

/** A gateway of its own process. */
export interface Replica {
  readonly port: number;
  /** Is it ready now? */
  isReady(): Promise<boolean>;
  /** Is it alive now, ready or not? */
  isLive(): Promise<boolean>;
  /** Stops it, and resolves to the milliseconds that took. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

/** Where replicas run, and what they share. */
export interface Place {
  readonly folder: string;
  readonly vendors: Vendors;
  /** The URL of their database. */
  readonly database: string;
  /** Today's program if absent. */
  readonly program?: string;
}

const today = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

/** Resolves once it is so; rejects after half a minute. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It took too long until ${what}.`);
}

/** The configuration that today's program and that of the last release understand: the target that is killed on. */
function configOf(urls: Vendors['urls'], port: number): string {
  const tree = JSON.parse(gatewayConfig(urls, { port })) as Record<string, unknown> & {
    server: object;
    connections: { huawei: { endpoints: object } };
    targets: { readonly name: string }[];
  };
  const { huawei } = tree.connections;
  return JSON.stringify({
    ...tree,
    server: { ...tree.server, drain: { delaySeconds, timeoutSeconds } },
    // That a busy machine sheds load is another test's subject.
    limits: { caller: { requests: 1_000_000, seconds: 10 }, overload: { eventLoopDelayMs: 10_000 } },
    store: { postgres: { url: { env: 'DATABASE_URL' } } },
    connections: { huawei: { ...huawei, endpoints: { taurusdb: urls.taurusdb } } },
    targets: tree.targets
      .filter(({ name }) => name === 'orders')
      .map((target) => ({ ...target, killsPerMinute: 100_000 })),
  });
}

/** Starts one, which may never be ready; `hear` is told each error of its log. */
export function openReplica(port: number, place: Place, hear?: (line: string) => void): Replica {
  const { folder, vendors, database, program = today } = place;
  const config = join(folder, `${String(port)}.yaml`);
  writeFileSync(config, configOf(vendors.urls, port));
  const level = hear ? 'error' : 'fatal';
  const child = spawn(process.execPath, [program], {
    env: { ...gatewayEnvironment, SLUICE_CONFIG: config, LOG_LEVEL: level, DATABASE_URL: database },
    stdio: ['ignore', hear ? 'pipe' : 'ignore', 'inherit'],
  });
  if (hear && child.stdout) createInterface(child.stdout).on('line', hear);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    port,
    isReady: async () => (await fetch(`http://127.0.0.1:${String(port)}/health/ready`)).ok,
    isLive: async () => (await fetch(`http://127.0.0.1:${String(port)}/health/live`)).ok,
    stop: async () => {
      const from = performance.now();
      child.kill('SIGTERM');
      const code = await ended;
      return { code, ms: Math.round(performance.now() - from) };
    },
  };
}

/** Starts one, and waits until it is ready. */
export async function startReplica(port: number, place: Place): Promise<Replica> {
  const replica = openReplica(port, place);
  await until(`the replica at ${String(port)} is ready`, () => replica.isReady());
  return replica;
}
