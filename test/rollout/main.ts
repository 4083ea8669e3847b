// Replaces two replicas one after the other under load, behind two kinds of balancers, and counts what was lost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys } from '../../sandbox/gateway-config.ts';
import { startVendors } from '../../sandbox/vendors.ts';
import { freePort } from '../free-port.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../postgres.ts';
import { primary } from '../safeguards-places.ts';
import { startForwarder, type Forwarder } from './forwarder.ts';
import { hasHaproxy, startHaproxy } from './haproxy.ts';
import { layLastRelease } from './last-release.ts';
import { startLoad, type Clients } from './load.ts';
import { startReplica, until, type Place, type Replica } from './replica.ts';
import { tell, type Row } from './report.ts';
import { openWrongReleases, watchWrongReleases } from './wrong-stores.ts';

/** How long a release that cannot be ready is watched. */
const wrongStoreMs = 60_000;
/** As many as keep replicas busy, so that requests are in flight whenever one is told to stop. */
const many: Clients = { readers: 24, killers: 6 };
/** Enough where nobody is replaced: the others, side by side with these, need the processors. */
const few: Clients = { readers: 2, killers: 2 };
/** How long a kill takes at the vendor: long enough to be in flight when a replica is told to stop. */
const killMs = 300;

const folder = mkdtempSync(join(tmpdir(), 'sluice-rollout-'));

type Stopped = Awaited<ReturnType<Replica['stop']>>;

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

/** Releases with wrong stores replace nobody: they are not ready, so those that are there go on. */
function releaseWrongStores(postgres: PostgresServer): Act {
  return async (_replicas, place, takesPart) => {
    const releases = await openWrongReleases(place, postgres);
    try {
      await watchWrongReleases(releases, place, wrongStoreMs);
    } finally {
      await Promise.all(releases.map(({ replica }) => replica.stop()));
    }
    await takesPart();
    return [];
  };
}

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
  clients: Clients = many,
): Promise<Row> {
  const { vendors } = place;
  const from = performance.now();
  vendors.reset();
  vendors.faults.replace([
    { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: killMs, times: 1_000_000 },
  ]);
  const ports = [await freePort(), await freePort()];
  const replicas = await Promise.all(ports.map((port) => startReplica(port, place)));
  const front = await open(ports);
  // Whoever is killed was there, and is killed once: the first id is above those of the sandbox.
  let lastId = 10_000_000n;
  const newcomer = (): string => {
    lastId += 1n;
    return vendors.huawei.taurusdb.addThread(primary, { id: lastId }).id.toString();
  };
  const load = startLoad(front.url, demoKeys.operator, newcomer, clients);
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
    seconds: Math.round((performance.now() - from) / 1000),
    seen,
    lost: [...seen.kills.keys()].filter((id) => !sent.has(id)).length,
    doubled: [...sent.values()].filter((times) => times > 1).length,
    unknown: [...states.values()].filter((state) => state !== 'succeeded').length,
    stopMs: stops.map(({ ms }) => ms),
    codes: stops.map(({ code }) => code),
  };
}

async function main(): Promise<void> {
  if (!hasPostgres('the rollout rehearsal')) return;
  if (!hasHaproxy()) {
    process.stdout.write('HAProxy is not installed: the rollout was not rehearsed.\n');
    if (process.env['CI'] === 'true') process.exitCode = 1;
    return;
  }
  const postgres = await startPostgres();
  // What is rehearsed side by side shares neither vendors nor database.
  const vendors = await Promise.all([startVendors(), startVendors()]);
  try {
    const haproxyPort = await freePort();
    const haproxy = (ports: readonly number[]) => startHaproxy(haproxyPort, ports);
    const place = async (lane: 0 | 1): Promise<Place> => {
      return { folder, vendors: vendors[lane], database: await postgres.database() };
    };
    const check = (row: Row): void => {
      if (!tell(row)) process.exitCode = 1;
    };
    // Blocks this process, so that nothing is rehearsed meanwhile.
    const last = layLastRelease(folder);
    const wrongStores = releaseWrongStores(postgres);
    const besides = rehearse('four wrong stores, for 60 s', startForwarder, await place(1), wrongStores, few);
    const replaced = async () => {
      check(await rehearse('HAProxy', haproxy, await place(0), replaceBoth));
      check(await rehearse('connections stay pinned', startForwarder, await place(0), replaceBoth));
    };
    const [wrong] = await Promise.all([besides, replaced()]);
    check(wrong);
    if (typeof last === 'string') {
      process.stdout.write(`SKIPPED, old beside new was not rehearsed: ${last}.\n`);
      return;
    }
    const old = { ...(await place(0)), program: last.program };
    const name = `${last.name} beside today's, there and back`;
    check(await rehearse(name, startForwarder, old, upgradeAndBack(last.program)));
  } finally {
    await Promise.all(vendors.map((one) => one.close()));
    await postgres.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
