// Lets callers and faulty vendors loose on the built gateway for some minutes, and then holds what it told against what
// arrived.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { demoKeys, gatewayConfig } from '../../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import type { Operation } from '../../src/core/model/operation.js';
import { startBuilt } from '../built-gateway.ts';
import { ask } from '../faults/ask.ts';
import { randomFrom } from '../faults/random.ts';
import { primary } from '../safeguards-places.ts';
import { until } from '../until.ts';
import { Caller, type Kill } from './caller.ts';
import { Gauges } from './gauges.ts';
import { Ledger } from './ledger.ts';

const callers = 4;
const sampleMs = 1000;

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 30);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const say = (line: string) => process.stdout.write(`${line}\n`);
const breaches: string[] = [];

function configOf(vendors: Vendors, path: string): string {
  const traffic = { timeouts: { answerMs: 400, lookMs: 3000 }, breaker: { failures: 1000 } };
  const config = JSON.parse(gatewayConfig(vendors.urls, { signed: true, traffic })) as { targets: object[] };
  const targets = config.targets.map((target) => ({ ...target, killsPerMinute: 100_000 }));
  const limits = { caller: { requests: 1_000_000, seconds: 10 }, records: { megabytes: 1_000_000, seconds: 10 } };
  return JSON.stringify({ ...config, limits, targets, store: { sqlite: { path } } });
}

/** Did its end arrive at the vendor, as far as callers are told? Null as long as its operation runs. */
function isToldSent(id: string, operation: Operation): boolean | null {
  const [target] = operation.targets;
  const outcome = target?.items.find((item) => item.id === id)?.outcome;
  if (operation.state === 'running') return null;
  if (outcome === 'ended' || outcome === 'unknown' || outcome === 'notFound') return true;
  return outcome === 'failed' && target?.problem?.code === 'upstream-rejected';
}

async function judge(url: string, { id, operation: named }: Kill, { kills }: Ledger): Promise<string> {
  const sent = kills.get(id) ?? 0;
  if (sent > 1) breaches.push(`${id} was sent ${sent} times`);
  if (named === null) {
    if (sent > 0) breaches.push(`${id} was refused, and sent`);
    return 'refused';
  }
  const read = async () => (await ask(url, 'GET', `/operations/${named}`)).body as unknown as Operation;
  const operation = await until(read, (one) => isToldSent(id, one) !== null);
  if (isToldSent(id, operation) !== sent > 0) {
    breaches.push(`${id} arrived ${sent} times, and is told otherwise: ${JSON.stringify(operation.targets)}`);
  }
  return operation.targets[0]?.items.find((item) => item.id === id)?.outcome ?? 'none';
}

async function run(url: string, vendors: Vendors): Promise<void> {
  const ledger = new Ledger(vendors);
  const gauges = new Gauges();
  const statuses = new Map<number, number>();
  const endAt = performance.now() + minutes * 60_000;
  const lanes = Array.from(
    { length: callers },
    (_, lane) => new Caller(url, vendors, randomFrom(seed + lane), statuses),
  );
  const clean = () => {
    ledger.take();
    for (const { id, user } of vendors.huawei.taurusdb.threads(primary)) {
      const isLeft = user === 'soak' || user.startsWith('plan_');
      if (isLeft && ledger.kills.has(id.toString())) vendors.huawei.taurusdb.removeThread(primary, id);
    }
    if (vendors.faults.list().length > 100) vendors.faults.clear();
  };
  const watch = async (): Promise<void> => {
    while (performance.now() < endAt) {
      await sleep(sampleMs);
      clean();
      gauges.sample(await (await fetch(`${url}/metrics`, { headers: { 'x-api-key': demoKeys.operator } })).text());
    }
  };
  const call = async (caller: Caller): Promise<void> => {
    while (performance.now() < endAt) await caller.act();
  };
  await Promise.all([watch(), ...lanes.map(call)]);
  vendors.faults.clear();
  clean();
  const outcomes = new Map<string, number>();
  const kills = lanes.flatMap((caller) => caller.kills);
  for (const kill of kills) {
    const outcome = await judge(url, kill, ledger);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const arrived = [...ledger.kills.values()].reduce((sum, count) => sum + count, 0);
  say(`answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`);
  say(`kills: ${kills.length}, arrived: ${arrived}, told: ${JSON.stringify(Object.fromEntries(outcomes))}`);
  if (statuses.has(500)) breaches.push('something was answered by 500');
  for (const { line, breach } of gauges.compare()) {
    say(line);
    if (breach !== null) breaches.push(breach);
  }
}

say(`soak of ${minutes} minutes: --seed ${seed}`);
const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
const vendors = await startVendors({ huawei: { jobMs: 50 } });
const gateway = startBuilt(configOf(vendors, join(folder, 'sluice.db')), { environment: { LOG_LEVEL: 'info' } });
try {
  await run((await gateway.listening()).url, vendors);
  gateway.signal('SIGTERM');
  const code = await gateway.ended;
  if (code !== 0) breaches.push(`it ended with ${String(code)}:\n${gateway.output().slice(-2000)}`);
} finally {
  await gateway.close();
  await vendors.close();
  rmSync(folder, { recursive: true });
}
for (const breach of breaches.slice(0, 20)) say(`FAILED ${breach}`);
say(breaches.length === 0 ? 'all held' : `${breaches.length} breaches`);
process.exitCode = breaches.length === 0 ? 0 : 1;
