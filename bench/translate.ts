import { XMLParser } from 'fast-xml-parser';
import {
  cacheId,
  cacheNode,
  clients,
  databaseId,
  databaseNode,
  password,
  pollMs,
  project,
  rowsPerPage,
} from './scene.ts';

/** Asks a vendor, and gives the text of its answer. */
export type Ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: string) => Promise<string>;

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false });

/**
 * What the gateways beside Sluice do: the same calls to the vendors, the same answers, and none of what makes it safe.
 */
export async function flush(ask: Ask, targets: readonly string[], mode: string) {
  const answers = await Promise.all(
    targets.map((target) => (target.startsWith('cache_') ? killAll(ask, target) : flushPool(ask, target, mode))),
  );
  return { kind: 'sessions.flush', mode, state: 'succeeded', targets: answers };
}

async function flushPool(ask: Ask, target: string, mode: string) {
  const call = mode === 'forced' ? 'resetpool' : 'flushpool';
  const { rc, msg } = outOf(await ask('POST', poolPath(call, target)));
  if (rc !== '0') throw new Error(`1010data refused with ${String(rc)}`);
  const deferred = mode === 'forced' ? 0 : await countBusy(ask, target);
  return {
    ...{ target, backend: '1010data', state: 'succeeded', effect: deferred > 0 ? 'deferred' : 'ended' },
    ...{ counts: { deferred }, calls: [{ call, code: rc, message: msg }] },
  };
}

async function countBusy(ask: Ask, target: string): Promise<number> {
  const { users } = outOf(await ask('POST', poolPath('samstatus', target)));
  const { user } = users as { readonly user: readonly Readonly<Record<string, string>>[] };
  return user.filter((member) => member['@marked'] === '1').length;
}

function outOf(text: string): Readonly<Record<string, unknown>> {
  return (parser.parse(text) as { readonly out: Readonly<Record<string, unknown>> }).out;
}

function poolPath(api: string, pool: string): string {
  return `/gw.k?api=${api}&apiversion=3&uid=acme_owner&pswd=${encodeURIComponent(password)}&gid=${pool}`;
}

const cachePath = (target: string): string => `/v2/${project}/instances/${cacheId(target)}/clients`;

async function killAll(ask: Ask, target: string) {
  const text = await ask('POST', `${cachePath(target)}/kill-all`, JSON.stringify({ kill_all_nodes: true }));
  const jobId = await follow(ask, text);
  return {
    ...{ target, backend: 'dcs', state: 'succeeded', effect: 'ended' },
    calls: [{ call: 'clients/kill-all', jobId }],
  };
}

async function follow(ask: Ask, text: string): Promise<string> {
  const { job_id: job } = JSON.parse(text) as { readonly job_id: string };
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    const { status } = JSON.parse(await ask('GET', `/v2/${project}/jobs/${job}`)) as { readonly status: string };
    if (status === 'SUCCESS') return job;
    if (status === 'FAIL') throw new Error(`The job ${job} failed.`);
  }
}

const databasePath = (target: string, node: string): string =>
  `/v3/${project}/instances/${databaseId(target)}/nodes/${databaseNode(node)}/processes`;

type Row = Readonly<Record<string, string | number | null>>;

export async function kill(ask: Ask, target: string, node: string, ids: readonly string[]) {
  const known = new Map((await threadsOf(ask, target, node)).map((thread) => [thread.id, thread]));
  const text = await ask('DELETE', databasePath(target, node), `{"processes":[${ids.join(',')}]}`);
  const { processes_killed: killed } = JSON.parse(text) as { readonly processes_killed: readonly number[] };
  const ended = new Set(killed.map(String));
  const items = ids.map((id) => ({ ...known.get(id), outcome: ended.has(id) ? 'ended' : 'notFound' }));
  return { kind: 'processes.kill', state: 'succeeded', targets: [{ target, backend: 'taurusdb', items }] };
}

export async function look(ask: Ask, target: string, node: string, limit: number) {
  const found = target.startsWith('cache_') ? await clientsOf(ask, target) : await threadsOf(ask, target, node);
  const items = found.slice(0, limit);
  return { items, targets: [{ target, status: 'ok', matched: found.length }], nextPageToken: null };
}

/** What neither vendor tells. */
const untold = { transactionSeconds: null, waitEvent: null, blockedBy: null, statementId: null };

async function threadsOf(ask: Ask, target: string, node: string) {
  const { processes } = JSON.parse(await ask('GET', `${databasePath(target, node)}?offset=0&limit=100`)) as {
    readonly processes: readonly Row[];
  };
  return processes.map(({ id, user, host, db, command, time, info }) => ({
    ...{ id: String(id), target, backend: 'taurusdb', node, user, client: host, database: db },
    ...{ application: null, command, state: command === 'Sleep' ? 'idle' : 'active' },
    ...{ idleSeconds: command === 'Sleep' ? time : null, busySeconds: command === 'Sleep' ? null : time },
    ...{ ...untold, ageSeconds: null, statement: info, draining: null },
  }));
}

async function clientsOf(ask: Ask, target: string) {
  await follow(ask, await ask('POST', cachePath(target), JSON.stringify({ node_id: cacheNode, clean_cache: true })));
  const found = new Map<string, object>();
  for (let offset = 0; offset < clients; offset += rowsPerPage) {
    const query = `node_id=${cacheNode}&offset=${String(offset)}&limit=${String(rowsPerPage)}`;
    const page = JSON.parse(await ask('GET', `${cachePath(target)}?${query}`)) as { readonly clients: readonly Row[] };
    for (const { peer, user, addr, db, name, cmd, idle, age } of page.clients) {
      const state = Number(idle) >= 1 ? 'idle' : 'active';
      found.set(String(peer), {
        ...{ id: peer, target, backend: 'dcs', node: cacheNode, user, client: addr, database: db, application: name },
        ...{ command: cmd, state, idleSeconds: idle, busySeconds: null, ageSeconds: age, ...untold, statement: null },
        draining: null,
      });
    }
  }
  return [...found.values()];
}
