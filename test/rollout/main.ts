// Replaces two replicas one after the other under load, behind two kinds of balancers, and counts what was lost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys } from '../../sandbox/gateway-config.ts';
import { startVendors } from '../../sandbox/vendors.ts';
import { freePort } from '../free-port.ts';
import { hasPostgres, startPostgres } from '../postgres.ts';
import { primary } from '../safeguards-places.ts';
import { startForwarder, type Forwarder } from './forwarder.ts';
import { hasHaproxy, startHaproxy } from './haproxy.ts';
import { layLastRelease } from './last-release.ts';
import { startLoad, type Seen } from './load.ts';
import { delaySeconds, openReplica, startReplica, timeoutSeconds, until, type Place, type Replica } from './replica.ts';

/** How long a release that cannot be ready is watched. */
const wrongStoreMs = 60_000;
/** How long a kill takes at the vendor: long enough to be in flight when a replica is told to stop. */
const killMs = 300;

const folder = mkdtempSync(join(tmpdir(), 'sluice-rollout-'));

type Stopped = Awaited<ReturnType<Replica['stop']>>;

interface Row {
  readonly balancer: string;
  readonly seen: Seen;
  readonly lost: number;
  readonly doubled: number;
  readonly unknown: number;
  readonly stopMs: readonly number[];
  readonly codes: readonly (number | null)[];
}

/** How the operations of the kills ended. */
async function statesOf(url: string, kills: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  const states = [...kills].map(async ([id, operation]) => {
    const answer = await fetch(`${url}/operations/${operation}`, { headers: { 'x-api-key': demoKeys.operator } });
    return [id, ((await answer.json()) as { readonly state: string }).state] as const;
  });
  return new Map(await Promise.all(states));
}

/** What becomes of replicas while clients look and kill; gives how long those took that were stopped. */
type Act = (replicas: Replica[], place: Place, takesPart: () => Promise<void>) => Promise<readonly Stopped[]>;

/** Replaces one after the other by one like it. */
const replaceBoth: Act = async (replicas, place, takesPart) => {
  const stops = [];
  for (const [index, replica] of replicas.entries()) {
    stops.push(await replica.stop());
    replicas[index] = await startReplica(replica.port, place);
    await takesPart();
  }
  return stops;
};

/** A release with a store that nobody can reach replaces nobody: it is not ready, so those that are there go on. */
const releaseWrongStore: Act = async (_replicas, place, takesPart) => {
  const unreachable = `postgres://sluice@127.0.0.1:${String(await freePort())}/sluice`;
  const wrong = openReplica(await freePort(), { ...place, database: unreachable });
  await until('the new release listens', async () => !(await wrong.isReady()));
  const end = Date.now() + wrongStoreMs;
  while (Date.now() < end) {
    if (await wrong.isReady()) throw new Error('A release with a wrong store was ready.');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await takesPart();
  await wrong.stop();
  return [];
};

/** Upgrades both from the last release, then goes back: each way the two run side by side on one database. */
function upgradeAndBack(program: string): Act {
  return async (replicas, place, takesPart) => {
    const stops = [];
    const { folder: at, vendors, database } = place;
    for (const version of [{}, { program }]) {
      for (const [index, replica] of replicas.entries()) {
        stops.push(await replica.stop());
        replicas[index] = await startReplica(replica.port, { folder: at, vendors, database, ...version });
        await takesPart();
      }
    }
    return stops;
  };
}

async function rehearse(
  balancer: string,
  open: (ports: readonly number[]) => Promise<Forwarder>,
  place: Place,
  act: Act,
): Promise<Row> {
  const { vendors } = place;
  vendors.reset();
  vendors.faults.replace([
    { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: killMs, times: 1_000_000 },
  ]);
  const ports = [await freePort(), await freePort()];
  const replicas = await Promise.all(ports.map((port) => startReplica(port, place)));
  const front = await open(ports);
  // Whoever is killed was there, and is killed once: the first id is above those of the sandbox.
  let lastId = 10_000_000n;
  const load = startLoad(front.url, demoKeys.operator, () => {
    lastId += 1n;
    return vendors.huawei.taurusdb.addThread(primary, { id: lastId }).id.toString();
  });
  await until('every client has begun', () => Promise.resolve(load.seen().kills.size > 10));
  const stops = await act(replicas, place, async () => {
    const before = load.seen().kills.size;
    await until('the new replica takes part', () => Promise.resolve(load.seen().kills.size > before + 20));
    // Endpoints travel; a real rollout waits for that as well, by readiness and `minReadySeconds`.
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
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
      stopMs.length === 0
        ? 'nobody was replaced'
        : `replicas gone after ${stopMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ')}, exit ${codes.join(' and ')}`,
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
    const haproxy = (ports: readonly number[]) => startHaproxy(haproxyPort, ports);
    const place = async (): Promise<Place> => ({ folder, vendors, database: await postgres.database() });
    const check = (row: Row): void => {
      if (!tell(row)) process.exitCode = 1;
    };
    check(await rehearse('HAProxy', haproxy, await place(), replaceBoth));
    check(await rehearse('connections stay pinned', startForwarder, await place(), replaceBoth));
    check(await rehearse('a wrong store, for 60 s', startForwarder, await place(), releaseWrongStore));
    const last = layLastRelease(folder);
    if (typeof last === 'string') {
      process.stdout.write(`SKIPPED, old beside new was not rehearsed: ${last}.\n`);
      return;
    }
    const old = { ...(await place()), program: last.program };
    const name = `${last.name} beside today's, there and back`;
    check(await rehearse(name, startForwarder, old, upgradeAndBack(last.program)));
  } finally {
    await vendors.close();
    await postgres.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
