import { setTimeout as sleep } from 'node:timers/promises';
import { demoKeys } from '../../sandbox/gateway-config.ts';
import { freePort } from '../free-port.ts';
import type { PostgresServer } from '../postgres.ts';
import { primary } from '../safeguards-places.ts';
import { openReplica, until, type Place, type Replica } from './replica.ts';

/** A release with a store that it cannot use. */
interface WrongRelease {
  readonly name: string;
  /** What its log must say why. */
  readonly reason: string;
  readonly replica: Replica;
  readonly lines: readonly string[];
}

/** What no log may tell. */
const unspeakable = /nowhere\.invalid|another-password|postgres:\/\//;

/** Starts one release for each way in which a store can be wrong. */
export async function openWrongReleases(place: Place, postgres: PostgresServer): Promise<readonly WrongRelease[]> {
  const stores = [
    ['a closed port', 'unreachable', `postgres://sluice@127.0.0.1:${String(await freePort())}/sluice`],
    ['an unknown host', 'unreachable', 'postgres://sluice@nowhere.invalid/sluice'],
    ['a wrong password', 'refused', await postgres.guestDatabase('another-password')],
    ['no right to create tables', 'refused', await postgres.guestDatabase('guest')],
  ] as const;
  const releases = [];
  for (const [name, reason, database] of stores) {
    const lines: string[] = [];
    const replica = openReplica(await freePort(), { ...place, database }, (line) => lines.push(line));
    releases.push({ name, reason, replica, lines });
  }
  return releases;
}

/** Watches them for so long: none may be ready, all must live, refuse what changes something, and say why in a line. */
export async function watchWrongReleases(
  releases: readonly WrongRelease[],
  { vendors }: Place,
  milliseconds: number,
): Promise<void> {
  await until('the new releases listen', async () => {
    const live = await Promise.all(releases.map(({ replica }) => replica.isLive()));
    return live.every(Boolean);
  });
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    for (const { name, replica } of releases) {
      if (await replica.isReady()) throw new Error(`A release with ${name} was ready.`);
      if (!(await replica.isLive())) throw new Error(`A release with ${name} was not alive.`);
    }
    await sleep(500);
  }
  for (const [index, { name, reason, replica, lines }] of releases.entries()) {
    const id = vendors.huawei.taurusdb.addThread(primary, { id: 5_000_000n + BigInt(index) }).id.toString();
    const answer = await fetch(
      `http://127.0.0.1:${String(replica.port)}/processes?target=orders&node=primary&id=${id}`,
      { method: 'DELETE', headers: { 'x-api-key': demoKeys.operator } },
    );
    const text = await answer.text();
    const isSent = vendors.journal.all().some(({ raw }) => raw.body.toString().includes(id));
    if (answer.status !== 503 || !text.includes('"store-unavailable"') || isSent) {
      throw new Error(`A release with ${name} did not refuse a kill: ${String(answer.status)} ${text}`);
    }
    const said = lines.filter((line) => line.includes('the store of operations cannot be written'));
    if (said.length === 0 || !said.every((line) => line.includes(`"reason":"${reason}"`))) {
      throw new Error(`A release with ${name} does not say why it is not ready:\n${lines.join('\n')}`);
    }
    if (lines.some((line) => unspeakable.test(line))) {
      throw new Error(`A release with ${name} tells its store to the log:\n${lines.join('\n')}`);
    }
  }
}
