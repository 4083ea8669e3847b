import { answerOf } from '../../src/backends/huawei/spec-cloud.js';
import type { Node, Target, Call } from '../../src/core/model/target.js';
import { place, type Exchange, type Said } from './bytes-vendor.ts';
import { jsonOf, listIn, textsIn, xmlOf } from './oracle.ts';

/** A vendor's whole answer to one call, and what it takes to believe in it. */
export interface Golden extends Exchange {
  readonly name: string;
  readonly said: Said;
  /** Does this text say what was taken for done or seen? Judged by other means than the gateway's. */
  proves(text: string, claimed: unknown): boolean;
}

function fixture(backend: string, name: string): Said {
  const folder = new URL(`../../src/backends/${backend}/`, import.meta.url).href;
  const { status, headers, text } = answerOf(folder, name);
  return { status, headers, bytes: Buffer.from(text) };
}

function whole(body: object): Said {
  return { status: 200, bytes: Buffer.from(JSON.stringify(body)) };
}

/** The same answer with fewer members of a list, all else as it is printed. */
function shortened(said: Said, list: string, most: number): Said {
  const body = JSON.parse(said.bytes.toString()) as Record<string, unknown[]>;
  // A list that has fewer rows than it counts is not whole.
  const counted = 'count' in body ? { count: most } : {};
  const bytes = Buffer.from(JSON.stringify({ ...body, ...counted, [list]: body[list]?.slice(0, most) }, null, 2));
  return { ...said, bytes };
}

const at = (id: string, component: string | null = null): Node => ({ name: 'node', id, component });
const ledgerNode = at(place.ledger.id, place.ledger.component);
const ordersNode = at(place.orders.id);
const cartsNode = at(place.carts.id);

const refs = (...ids: readonly string[]) =>
  ids.map((id) => ({ id, node: 'node', user: null, client: null, database: null }));

/** The ids of a whole list. */
async function idsSeen(target: Target, node: Node, call: Call): Promise<readonly string[] | undefined> {
  const { processes, complete } = await target.look!(node, call);
  return complete ? processes.map(({ id }) => id) : undefined;
}

/** The ids that are told to have ended or to be gone already. */
async function idsEnded(target: Target, node: Node, ids: readonly string[], call: Call) {
  const { ended } = await target.kill!.run(node, refs(...ids), call);
  const of = (outcome: string) => ended.filter((one) => one.outcome === outcome).map(({ id }) => id);
  return { ended: of('ended'), notFound: of('notFound') };
}

type IdsEnded = Awaited<ReturnType<typeof idsEnded>>;
const all = (claimed: unknown, said: readonly string[]) => (claimed as string[]).every((id) => said.includes(id));

const isDone = (text: string): boolean => {
  const rcs = xmlOf(text)?.children.filter(({ name }) => name === 'rc') ?? [];
  return xmlOf(text)?.name === 'out' && rcs.length === 1 && rcs[0]?.text === '0' && rcs[0].children.length === 0;
};

const flushpool = fixture('tentendata', 'flushpool');
const samstatus = fixture('tentendata', 'samstatus');
const login = fixture('tentendata', 'login');
const scanned = [whole({ job_id: 'scan-1' }), whole({ status: 'SUCCESS' })];
const inf2na = { infinityToNa: true };

export const golden: readonly Golden[] = [
  {
    name: 'flushpool',
    said: flushpool,
    after: [samstatus],
    ask: ({ pool }, call) => pool.flush!.graceful!.run(null, call),
    proves: isDone,
  },
  {
    name: 'resetpool',
    said: fixture('tentendata', 'resetpool'),
    ask: ({ pool }, call) => pool.flush!.forced!.run(null, call),
    proves: isDone,
  },
  {
    name: 'samstatus',
    said: samstatus,
    ask: ({ pool }, call) => idsSeen(pool, at('pool'), call),
    proves: (text, claimed) => isDone(text) && all(claimed, textsIn(xmlOf(text))),
  },
  {
    name: 'samstatus after flushpool',
    said: samstatus,
    before: [flushpool],
    ask: async ({ pool }, call) => {
      const done = await pool.flush!.graceful!.run(null, call);
      return done.is === 'marked' ? done.ids : undefined;
    },
    proves: (text, claimed) => isDone(text) && all(claimed, textsIn(xmlOf(text))),
  },
  {
    name: 'login',
    said: login,
    after: [fixture('tentendata', 'session')],
    ask: ({ uid }, call) => uid.tune!.run(inf2na, call),
    proves: isDone,
  },
  {
    name: 'session',
    said: fixture('tentendata', 'session'),
    before: [login],
    ask: ({ uid }, call) => uid.tune!.run(inf2na, call),
    proves: isDone,
  },
  {
    name: 'kill-free-session',
    said: fixture('huawei/gaussdb', 'kill-free-session'),
    ask: ({ ledger }, call) => ledger.flush!.graceful!.run(ledgerNode, call),
    proves: (text) => ['true', true].includes(jsonOf(text)?.['success'] as string),
  },
  {
    name: 'kill-session',
    said: fixture('huawei/gaussdb', 'kill-session'),
    ask: ({ ledger }, call) => idsEnded(ledger, ledgerNode, ['9007199254740993', '139817389311744'], call),
    proves: (text, claimed) => {
      const body = jsonOf(text);
      if (body?.['success'] !== true && body?.['success'] !== 'true') return false;
      const { ended, notFound } = claimed as IdsEnded;
      return (
        notFound.length === 0 && ((body['session_ids'] ?? null) === null || all(ended, listIn(body, 'session_ids')))
      );
    },
  },
  {
    name: 'real-time-session',
    said: fixture('huawei/gaussdb', 'real-time-session'),
    ask: ({ ledger }, call) => idsSeen(ledger, ledgerNode, call),
    proves: (text, claimed) => all(claimed, listIn(jsonOf(text), 'sessions', 'session_id')),
  },
  ...['delete-processes', 'delete-processes-some'].map((name): Golden => ({
    name,
    said: fixture('huawei/taurusdb', name),
    ask: ({ orders }, call) =>
      idsEnded(orders, ordersNode, ['2075425', '2075426', '9223372036854775807', '9007199254740993'], call),
    proves: (text, claimed) => {
      const { ended, notFound } = claimed as IdsEnded;
      const body = jsonOf(text);
      // A list that is absent or null names none.
      const lists = [body?.['processes_killed'] ?? [], body?.['processes_not_found'] ?? []];
      if (!body || !lists.every((list) => Array.isArray(list))) return false;
      return all(ended, listIn(body, 'processes_killed')) && all(notFound, listIn(body, 'processes_not_found'));
    },
  })),
  {
    name: 'list-processes',
    said: fixture('huawei/taurusdb', 'list-processes'),
    ask: ({ orders }, call) => idsSeen(orders, ordersNode, call),
    proves: (text, claimed) => all(claimed, listIn(jsonOf(text), 'processes', 'id')),
  },
  {
    name: 'clients/kill',
    said: fixture('huawei/dcs', 'clients-kill'),
    ask: ({ carts }, call) => idsEnded(carts, cartsNode, ['10.0.3.21:33000', '[2001:db8::7]:33003'], call),
    // The status is the proof, and it has no body.
    proves: () => true,
  },
  {
    name: 'clients/kill-all',
    said: fixture('huawei/dcs', 'clients-kill-all'),
    ask: async ({ carts }, call) => {
      const done = await carts.flush!.forced!.run(null, call);
      return done.is === 'job' ? done.job : done;
    },
    proves: (text, claimed) => all([claimed], [String(jsonOf(text)?.['job_id']).trim()]),
  },
  {
    name: 'show-job that succeeded',
    said: whole({ job_id: '8abf6e1e824dfcb201824e02ee9a0015', job_type: 'killAllClients', status: 'SUCCESS' }),
    ask: async ({ carts }, call) => {
      const done = await carts.follow!('8abf6e1e824dfcb201824e02ee9a0015', call);
      return done.is === 'ended' ? done : undefined;
    },
    proves: (text) => String(jsonOf(text)?.['status']).trim().toUpperCase() === 'SUCCESS',
  },
  {
    name: 'show-job that failed',
    said: fixture('huawei/dcs', 'show-job'),
    ask: async ({ carts }, call) => {
      const done = await carts.follow!('8abf6e1e824dfcb201824e02ee9a0015', call);
      return done.is === 'ended' || done.is === 'failed' ? done.is : undefined;
    },
    proves: (text, claimed) =>
      ({ SUCCESS: 'ended', FAIL: 'failed' })[String(jsonOf(text)?.['status']).trim().toUpperCase()] === claimed,
  },
  {
    name: 'list-clients',
    said: shortened(fixture('huawei/dcs', 'list-clients'), 'clients', 2),
    before: scanned,
    ask: ({ carts }, call) => idsSeen(carts, cartsNode, call),
    proves: (text, claimed) => all(claimed, listIn(jsonOf(text), 'clients', 'peer')),
  },
  {
    name: 'logical-nodes',
    said: fixture('huawei/dcs', 'logical-nodes'),
    ask: async ({ carts }, call) => (await carts.nodes(call)).map(({ id }) => id),
    proves: (text, claimed) => all(claimed, listIn(jsonOf(text), 'nodes', 'node_id')),
  },
];
