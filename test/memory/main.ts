// What callers can do to the memory of a gateway with the heap of the chart: the worst calls of an hour in two minutes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gatewayConfig } from '../../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { startBuilt } from '../built-gateway.ts';
import { ask } from '../faults/ask.ts';
import { peakOf, residentOf } from './resident.ts';
import * as worst from './worst-calls.ts';

/** As the image starts it, with 55 % of the 512 MiB that the chart gives it. */
const nodeArguments = ['--max-heap-size=281', '--disable-sigusr1', '--max-semi-space-size=32', '--v8-pool-size=0'];
const containerMiB = 512;
const rounds = 3;
/** Beyond those of the second round, by which everything is warm. */
const mayGrow = (early: number): number => early * 1.15 + 24;

const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
const phaseMs = Number(values.seconds ?? 5) * 1000;
const say = (line: string) => process.stdout.write(`${line}\n`);
const breaches: string[] = [];

function configOf(vendors: Vendors, caches: readonly string[], keys: string, path: string): string {
  const config = JSON.parse(gatewayConfig(vendors.urls, { signed: true, loaded: true })) as {
    targets: object[];
    auth: { jwt: object[] };
  };
  for (const name of caches) config.targets.push({ name, backend: 'dcs', connection: 'huawei', instanceId: name });
  const grants = [{ claim: 'groups', value: 'dba', role: 'operator', targets: ['*'] }];
  config.auth.jwt = [{ issuer: 'https://endless.example', audience: 'sluice', jwksUrl: keys, grants }];
  return JSON.stringify({ ...config, store: { sqlite: { path } } });
}

/** Somebody else asks meanwhile, and is answered; the longest that it took. */
async function beside(url: string, work: Promise<void>): Promise<number> {
  const over = work.then(() => 'over' as const);
  for (let slowest = 0; ;) {
    const { status, milliseconds } = await ask(url, 'GET', '/health/ready', { signal: AbortSignal.timeout(30_000) });
    if (status !== 200) breaches.push(`/health/ready answered ${status}`);
    slowest = Math.max(slowest, milliseconds);
    if ((await Promise.race([over, sleep(100)])) === 'over') return slowest;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-memory-'));
const vendors = await startVendors({ huawei: { jobMs: 5 } });
const caches = worst.addCaches(vendors, 40, 10_000);
const keys = await worst.endlessKeys();
const calls: Readonly<Record<string, worst.WorstCall>> = {
  'unread and pipelined requests': worst.pipelineUnread,
  'long records, and lists of them': worst.writeAndList,
  'long lists': worst.lookAtAll(caches),
  'dry runs of 400,000 clients': worst.foreseeFlushes(caches),
  'a key set without an end': worst.sendTokens('https://endless.example'),
};
const config = configOf(vendors, caches, keys.url, join(folder, 'sluice.db'));
const gateway = startBuilt(config, { nodeArguments, environment: { LOG_LEVEL: 'info' } });
try {
  const { url } = await gateway.listening();
  say(`resident at the start: ${residentOf(gateway.pid).toFixed(0)} MiB`);
  const peaks = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, call] of Object.entries(calls)) {
      let slowest = 0;
      const peak = await peakOf(gateway.pid, async () => {
        slowest = await beside(url, call(url, phaseMs));
      });
      peaks.set(name, [...(peaks.get(name) ?? []), peak]);
      say(`round ${round + 1}, ${name}: ${peak.toFixed(0)} MiB at most, others answered in ${slowest.toFixed(0)} ms`);
      if (peak > containerMiB) breaches.push(`${name} took ${peak.toFixed(0)} MiB`);
    }
  }
  // One phase alone tells when garbage was collected, rather than what is kept.
  const meanOf = (round: number) => [...peaks.values()].reduce((sum, all) => sum + (all[round] ?? 0), 0) / peaks.size;
  const [early, late] = [meanOf(1), meanOf(rounds - 1)];
  if (late > mayGrow(early)) breaches.push(`memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`);
  gateway.signal('SIGTERM');
  const code = await gateway.ended;
  if (code !== 0) breaches.push(`it ended with ${String(code)}:\n${gateway.output().slice(-2000)}`);
} catch (thrown) {
  breaches.push(`${String(thrown)}\n${gateway.output().slice(-2000)}`);
} finally {
  await gateway.close();
  keys.server.closeAllConnections();
  keys.server.close();
  await vendors.close();
  rmSync(folder, { recursive: true });
}
for (const breach of breaches) say(`BREACH: ${breach}`);
process.exitCode = breaches.length === 0 ? 0 : 1;
