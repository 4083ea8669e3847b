import { asFailure, Failure } from '../../../core/model/failure.js';
import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Telling } from '../../../core/model/selection.js';
import type { Call, Done, Listing, Node, Target } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { named, recordOf, type HuaweiConnection, type Read } from '../huawei.connection.js';
import type { VendorCall } from '../huawei.wire.js';
import { oneAhead } from '../one-ahead.js';
import { wholeList, type Page } from '../whole-list.js';
import { decodeKill, decodeList, encodeKill, encodeList, encodeScan, isPeer, rowsPerPage } from './clients.wire.js';
import type { DcsNodeConfig, DcsTargetConfig } from './dcs.config.js';
import { protects } from './dcs.protected.js';
import {
  decodeJob,
  decodeJobId,
  decodeNodes,
  encodeJob,
  encodeKillAll,
  encodeNodes,
  killAllRoute,
  killRoute,
  type Instance,
} from './dcs.wire.js';

/** Nodes that were found are asked for again after this long. */
const nodesMs = 60_000;
/** Milliseconds between the polls of a scan: quick at first, then patient. */
const firstPollMs = 200;
const longestPollMs = 5000;
const longer = (pauseMs: number): number => Math.min(pauseMs * 1.5, longestPollMs);
const killAll = 'clients/kill-all';

/** The name of a configured node. */
export const nameOf = ({ name, id }: DcsNodeConfig): string => name ?? id;

/** What a client tells. */
export const telling: Telling = {
  facts: new Set<Fact>(['user', 'client', 'database', 'application', 'command', 'idleSeconds', 'ageSeconds']),
  states: new Set<ProcessState>(['active', 'idle', 'idleInTransaction']),
};

/** A DCS instance: its clients, node by node, and the vendor's own way to end them all. */
export function dcsTarget(config: DcsTargetConfig, connection: HuaweiConnection): Target {
  const { clock, projectId } = connection;
  const instance: Instance = { projectId, instanceId: config.instanceId };
  const configuredNodes = config.nodes?.map((node): Node => ({ name: nameOf(node), id: node.id, component: null }));
  const ask = <T>(request: VendorCall, read: Read<T>, call: Call) =>
    connection.ask('dcs', config.name, request, read, call);
  const idOf = ({ id }: Node): string => {
    if (id === null) throw new Failure('internal', `The target "${config.name}" was asked about a node without an id.`);
    return id;
  };
  const follow = (job: string, call: Call): Promise<Done> => {
    const read = (answer: Answer): Done => {
      const state = decodeJob(answer, job, connection.secrets());
      const record = recordOf(null, killAll, answer, job);
      if (state === undefined) return { is: 'job', call: record, job };
      return state === 'ended' ? { is: 'done', call: record, effect: 'ended' } : { is: 'failed', failure: state };
    };
    return ask(encodeJob(projectId, job), read, call);
  };
  const beginScan = async (node: Node, call: Call): Promise<string> => {
    for (let pause = firstPollMs; ; pause = longer(pause)) {
      try {
        return await ask(encodeScan(instance, idOf(node)), decodeJobId, call);
      } catch (thrown) {
        const failure = asFailure(thrown);
        // Another job of the instance is under way, perhaps the scan of its other node: that passes.
        if (failure.kind !== 'upstream-conflict' || clock.now() + pause >= call.deadline) throw failure;
        await clock.sleep(pause, call.signal);
        if (call.signal.aborted) throw failure;
      }
    }
  };
  const scan = async (node: Node, call: Call): Promise<void> => {
    const job = await beginScan(node, call);
    for (let pause = firstPollMs; clock.now() + pause < call.deadline; pause = longer(pause)) {
      await clock.sleep(pause, call.signal);
      if (call.signal.aborted) throw new Failure('request-timeout', 'The caller went away before the list was made.');
      const done = await follow(job, call);
      if (done.is === 'failed') throw done.failure;
      if (done.is === 'done') return;
    }
    throw new Failure('upstream-timeout', 'DCS did not list the clients in time.', { sent: 'perhaps' });
  };
  const list = (node: Node, call: Call): Promise<Omit<Listing, 'at' | 'begunAt'>> => {
    const owner = { target: config.name, node: node.name };
    const pageFrom = (offset: number): Promise<Page> =>
      ask(encodeList(instance, idOf(node), offset), (answer) => decodeList(answer, owner), call);
    // What a scan saw stands still.
    return wholeList(oneAhead(pageFrom), [rowsPerPage], call, clock);
  };
  return {
    ...named('dcs', config, connection),
    ...telling,
    protects,
    isId: isPeer,
    configuredNodes: configuredNodes ?? null,
    nodes: configuredNodes
      ? () => Promise.resolve(configuredNodes)
      : remembered((call) => ask(encodeNodes(instance), (answer) => decodeNodes(answer).map(foundNode), call), clock),
    look: async (node, call) => {
      const begunAt = new Date(clock.now());
      await scan(node, call);
      const at = new Date(clock.now());
      return { ...(await list(node, call)), at, begunAt };
    },
    kill: {
      call: 'clients/kill',
      route: killRoute,
      batch: 100,
      run: (node, refs, call) => {
        const peers = refs.map((ref) => ref.id);
        const read = (answer: Answer) => ({
          call: recordOf(node, 'clients/kill', answer),
          ended: decodeKill(answer, peers),
        });
        return ask(encodeKill(instance, idOf(node), peers), read, call);
      },
    },
    flush: {
      forced: {
        call: killAll,
        route: killAllRoute,
        per: 'target',
        note: 'Clients may be back at once.',
        run: (node, call) => {
          const read = (answer: Answer): Done => {
            const job = decodeJobId(answer);
            return { is: 'job', call: recordOf(node, killAll, answer, job), job };
          };
          return ask(encodeKillAll(instance, node === null ? null : idOf(node)), read, call);
        },
      },
    },
    follow,
  };
}

function foundNode(id: string): Node {
  return { name: id, id, component: null };
}

/** The nodes as they were found a moment ago, or found now. */
function remembered(
  find: (call: Call) => Promise<readonly Node[]>,
  clock: HuaweiConnection['clock'],
): (call: Call) => Promise<readonly Node[]> {
  let known: { readonly nodes: readonly Node[]; readonly until: number } | null = null;
  return async (call) => {
    if (known === null || clock.now() >= known.until) {
      const nodes = await find(call);
      known = { nodes, until: clock.now() + nodesMs };
    }
    return known.nodes;
  };
}
