import { Failure } from './failure.js';
import type { Process } from './process.js';
import { noSafeguards } from './spec-process.js';
import { start } from '../record/spec-journal.js';
import type { Safeguards } from './safeguards.js';
import type { CallRecord, Done, Ended, Flush, Node, Target } from './target.js';

/** Nothing keeps such a target from harm. */
export const withoutSafeguards: Pick<Target, 'safeguards' | 'protects'> = {
  safeguards: { ...noSafeguards, maxProcesses: 1000, killsPerMinute: 1000 },
  protects: () => null,
};

export const withSafeguards = (safeguards: Partial<Safeguards>): Pick<Target, 'safeguards'> => ({
  safeguards: { ...withoutSafeguards.safeguards, ...safeguards },
});

export const route = { method: 'POST', path: '/v3/{project_id}/sessions' } as const;

export function nodeOf(name: string | null): Node {
  return { name, id: name, component: null };
}

export function processOf(id: string, facts: Partial<Process> = {}): Process {
  return {
    id,
    target: 'orders',
    backend: 'taurusdb',
    node: 'n1',
    user: 'sue',
    client: '10.0.0.7:1',
    database: 'shop',
    application: null,
    command: 'Sleep',
    state: 'idle',
    idleSeconds: 100,
    busySeconds: 0,
    ageSeconds: null,
    transactionSeconds: null,
    waitEvent: null,
    blockedBy: null,
    statementId: null,
    statement: null,
    draining: null,
    protected: null,
    ...facts,
  };
}

export function recordOf(call: string, node: string | null, jobId: string | null = null): CallRecord {
  return { node, call, code: null, message: null, requestId: null, jobId };
}

/** What each node shows: processes, or why it cannot be seen. */
export type Content = Readonly<Record<string, readonly Process[] | Failure>>;

export interface Database {
  readonly target: Target;
  /** Each call that ended something: its node and ids. */
  readonly sent: string[];
}

export interface DatabaseOptions {
  readonly name?: string;
  readonly batch?: number;
  readonly kill?: (ids: readonly string[], node: Node) => readonly Ended[] | Promise<readonly Ended[]>;
  readonly extra?: Partial<Target>;
}

/** A database with threads, that Sluice looks at and kills one by one. */
export function database(seen: Content, options: DatabaseOptions = {}): Database {
  const { name = 'orders', batch = 20, kill = allEnded, extra = {} } = options;
  const sent: string[] = [];
  const nodes = Object.keys(seen).map(nodeOf);
  const target: Target = {
    name,
    backend: 'taurusdb',
    labels: {},
    description: null,
    ...withoutSafeguards,
    facts: new Set(['user', 'client', 'database', 'command', 'idleSeconds', 'busySeconds']),
    states: new Set(['active', 'idle']),
    isId: (id) => /^\d+$/.test(id),
    configuredNodes: nodes,
    nodes: () => Promise.resolve(nodes),
    lookMs: 15_000,
    look: (node) => {
      const content = seen[node.name ?? ''] ?? [];
      if (content instanceof Failure) return Promise.reject(content);
      const processes = content.map((process) => ({ ...process, node: node.name, target: name }));
      return Promise.resolve({ processes, complete: true, at: new Date(start) });
    },
    kill: {
      call: 'kill-threads',
      route,
      batch,
      tellsNotFound: true,
      run: async (node, refs) => {
        const ids = refs.map((ref) => ref.id);
        sent.push(`${node.name ?? ''}: ${ids.join(' ')}`);
        return { call: recordOf('kill-threads', node.name), ended: await kill(ids, node) };
      },
    },
    gracefulNote: 'A sleeping thread may hold a transaction.',
    ...extra,
  };
  return { target, sent };
}

export const allEnded = (ids: readonly string[]): readonly Ended[] => ids.map((id) => ({ id, outcome: 'ended' }));

/** A target without nodes, that can do nothing yet. */
export function plain(name: string): Target {
  return {
    name,
    backend: '1010data',
    labels: {},
    description: null,
    ...withoutSafeguards,
    facts: new Set(['user']),
    states: new Set(['active', 'idle', 'offline']),
    isId: () => true,
    configuredNodes: [nodeOf(null)],
    nodes: () => Promise.resolve([nodeOf(null)]),
    lookMs: 15_000,
  };
}

/** A target with a mass call of the vendor's own. */
export function pool(name: string, run: Flush['run'], extra: Partial<Target> = {}): Target {
  return {
    ...plain(name),
    look: () => Promise.resolve({ processes: [], complete: true, at: new Date(start) }),
    flush: { graceful: { call: 'flushpool', route, per: 'target', note: 'Busy ids log out later.', run } },
    ...extra,
  };
}

export const done = (call: string, node: Node | null = null): Done => ({
  is: 'ended',
  call: recordOf(call, node?.name ?? null),
});
export const refused = new Failure('upstream-rejected', 'No.', { sent: 'refused' });
export const silent = new Failure('upstream-timeout', 'No answer.', { sent: 'perhaps' });
export const unreachable = new Failure('upstream-unavailable', 'Not there.', { sent: 'never' });
