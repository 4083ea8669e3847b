// Replaces two replicas one after the other under load, behind two kinds of balancers, and counts what was lost.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys, gatewayConfig, gatewayEnvironment } from '../../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { freePort } from '../free-port.ts';
import { hasPostgres, startPostgres } from '../postgres.ts';
import { primary } from '../safeguards-places.ts';
import { startForwarder, type Forwarder } from './forwarder.ts';
import { hasHaproxy, startHaproxy } from './haproxy.ts';
import { startLoad, type Seen } from './load.ts';

const delaySeconds = 3;
const timeoutSeconds = 10;
/** How long a kill takes at the vendor: long enough to be in flight when a replica is told to stop. */
const killMs = 300;

const folder = mkdtempSync(join(tmpdir(), 'sluice-rollout-'));

interface Replica {
  readonly port: number;
  /** Stops it, and resolves to the milliseconds that took. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

interface Row {
  readonly balancer: string;
  readonly seen: Seen;
  readonly lost: number;
  readonly doubled: number;
  readonly unknown: number;
  readonly stopMs: readonly number[];
  readonly codes: readonly (number | null)[];
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It took too long until ${what}.`);
}

async function startReplica(port: number, vendors: Vendors, database: string): Promise<Replica> {
  const tree = JSON.parse(gatewayConfig(vendors.urls, { port })) as Record<string, unknown> & {
    server: object;
    targets: object[];
  };
  const limits = { caller: { requests: 1_000_000, seconds: 10 } };
  Object.assign(tree, { limits, store: { postgres: { url: { env: 'DATABASE_URL' } } } });
  Object.assign(tree.server, { drain: { delaySeconds, timeoutSeconds } });
  for (const target of tree.targets) Object.assign(target, { killsPerMinute: 100_000 });
  const config = join(folder, `${String(port)}.yaml`);
  writeFileSync(config, JSON.stringify(tree));
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'dist', 'main.js')], {
    env: { ...gatewayEnvironment, SLUICE_CONFIG: config, LOG_LEVEL: 'error', DATABASE_URL: database },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await until(`the replica at ${String(port)} is ready`, async () => {
    return (await fetch(`http://127.0.0.1:${String(port)}/health/ready`)).ok;
  });
  return {
    port,
    stop: async () => {
      const from = performance.now();
      child.kill('SIGTERM');
      const code = await ended;
      return { code, ms: Math.round(performance.now() - from) };
    },
  };
}

/** How the operations of the kills ended. */
async function statesOf(url: string, kills: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  const states = [...kills].map(async ([id, operation]) => {
    const answer = await fetch(`${url}/operations/${operation}`, { headers: { 'x-api-key': demoKeys.operator } });
    return [id, ((await answer.json()) as { readonly state: string }).state] as const;
  });
  return new Map(await Promise.all(states));
}

async function rehearse(
  balancer: string,
  open: (ports: readonly number[]) => Promise<Forwarder>,
  vendors: Vendors,
  database: string,
): Promise<Row> {
  vendors.reset();
  vendors.faults.replace([
    { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: killMs, times: 1_000_000 },
  ]);
  const ports = [await freePort(), await freePort()];
  const replicas = await Promise.all(ports.map((port) => startReplica(port, vendors, database)));
  const front = await open(ports);
  // Whoever is killed was there, and is killed once: the first id is above those of the sandbox.
  let lastId = 10_000_000n;
  const load = startLoad(front.url, demoKeys.operator, () => {
    lastId += 1n;
    return vendors.huawei.taurusdb.addThread(primary, { id: lastId }).id.toString();
  });
  await until('every client has begun', () => Promise.resolve(load.seen().kills.size > 10));
  const stops = [];
  for (const [index, replica] of replicas.entries()) {
    stops.push(await replica.stop());
    replicas[index] = await startReplica(replica.port, vendors, database);
    const before = load.seen().kills.size;
    await until('the new replica takes part', () => Promise.resolve(load.seen().kills.size > before + 20));
    // Endpoints travel; a real rollout waits for that as well, by readiness and `minReadySeconds`.
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  const seen = await load.stop();
  const states = await statesOf(front.url, seen.kills);
  const sent = new Map<string, number>();
  for (const { call, raw } of vendors.journal.all()) {
    if (call !== 'delete-processes') continue;
    for (const [id] of raw.body.toString().matchAll(/\d{8,}/g)) sent.set(id, (sent.get(id) ?? 0) + 1);
  }
  await front.close();
  await Promise.all(replicas.map((replica) => replica.stop()));
  return {
    balancer,
    seen,
    lost: [...seen.kills.keys()].filter((id) => !sent.has(id)).length,
    doubled: [...sent.values()].filter((times) => times > 1).length,
    unknown: [...states.values()].filter((state) => state !== 'succeeded').length,
    stopMs: stops.map(({ ms }) => ms),
    codes: stops.map(({ code }) => code),
  };
}

function tell({ balancer, seen, lost, doubled, unknown, stopMs, codes }: Row): boolean {
  const longest = (delaySeconds + timeoutSeconds) * 1000;
  const isGood =
    seen.failed.length + lost + doubled + unknown === 0 &&
    codes.every((code) => code === 0) &&
    stopMs.every((ms) => ms <= longest);
  process.stdout.write(
    [
      `${isGood ? 'passed' : 'FAILED'}  ${balancer}`,
      `${String(seen.requests)} requests, ${String(seen.failed.length)} failed`,
      `${String(seen.kills.size)} kills, ${String(lost)} lost, ${String(doubled)} doubled, ${String(unknown)} not succeeded`,
      `replicas gone after ${stopMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ')}, exit ${codes.join(' and ')}`,
    ].join('; ') + '\n',
  );
  for (const one of seen.failed.slice(0, 10)) process.stdout.write(`  ${one}\n`);
  return isGood;
}

async function main(): Promise<void> {
  if (!hasPostgres('the rollout rehearsal')) return;
  if (!hasHaproxy()) {
    process.stdout.write('HAProxy is not installed: the rollout was not rehearsed.\n');
    if (process.env['CI'] === 'true') process.exitCode = 1;
    return;
  }
  const [postgres, vendors] = await Promise.all([startPostgres(), startVendors()]);
  try {
    const haproxyPort = await freePort();
    const rows = [
      await rehearse('HAProxy', (ports) => startHaproxy(haproxyPort, ports), vendors, await postgres.database()),
      await rehearse('connections stay pinned', startForwarder, vendors, await postgres.database()),
    ];
    if (!rows.map(tell).every(Boolean)) process.exitCode = 1;
  } finally {
    await vendors.close();
    await postgres.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
