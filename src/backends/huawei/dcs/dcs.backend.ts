import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Call, Done, Ended, Listing } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { huaweiBackend, idOf, recordOf, type Instance } from '../huawei.backend.js';
import { decodeKill, encodeKill, isPeer } from './clients.wire.js';
import { lookAtClients, onceAllowed } from './dcs.look.js';
import { DcsTargetConfig } from './dcs.config.js';
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
} from './dcs.wire.js';

const killAll = 'clients/kill-all';

/** DCS for Redis: the clients of an instance, node by node, and the vendor's own way to end them all. */
export const dcs = huaweiBackend({
  kind: 'dcs',
  Config: DcsTargetConfig,
  telling: {
    facts: new Set<Fact>(['user', 'client', 'database', 'application', 'command', 'idleSeconds', 'ageSeconds']),
    states: new Set<ProcessState>(['active', 'idle', 'idleInTransaction']),
  },
  protects,
  isId: isPeer,
  findNodes: ({ ask, clock }, call) =>
    onceAllowed(clock, call, () => ask(encodeNodes(), (answer) => decodeNodes(answer).map((id) => ({ id })), call)),
  abilitiesOf: (instance) => {
    const { ask, secrets } = instance;
    const follow = followIn(instance);
    /** The nodes whose last list had no `peer`: the vendor does not promise that a kill finds clients by `addr`. */
    const addressed = new Set<string>();
    return {
      follow,
      look: async (node, call) => {
        const { hasPeers, ...listing } = await lookAtClients(instance, follow, node, call);
        if (hasPeers) addressed.delete(idOf(node));
        else addressed.add(idOf(node));
        return listing;
      },
      kill: {
        call: 'clients/kill',
        route: killRoute,
        batch: 100,
        tellsNotFound: false,
        run: async (node, refs, call) => {
          const ids = refs.map((ref) => ref.id);
          const read = (answer: Answer) => ({
            call: recordOf(node, 'clients/kill', answer),
            ended: decodeKill(answer, ids),
          });
          const killed = await ask(encodeKill(idOf(node), ids), read, call);
          if (!addressed.has(idOf(node))) return killed;
          const within = { ...call, deadline: Math.min(call.deadline, instance.clock.now() + instance.lookMs) };
          return { ...killed, ended: await seenEnded(ids, () => lookAtClients(instance, follow, node, within)) };
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
              const job = decodeJobId(answer, secrets());
              return { is: 'job', call: recordOf(node, killAll, answer, job), job };
            };
            return ask(encodeKillAll(node === null ? null : idOf(node)), read, call);
          },
        },
      },
    };
  },
});

/** What a look tells of clients whose kill was accepted, and perhaps did nothing: whom it does not show has ended. */
async function seenEnded(ids: readonly string[], look: () => Promise<Listing>): Promise<readonly Ended[]> {
  const listing = await look().catch(() => null);
  const left = new Set(listing?.complete === true ? listing.processes.map(({ id }) => id) : ids);
  return ids.map((id) => (left.has(id) ? { id, outcome: 'unknown', why: 'notConfirmed' } : { id, outcome: 'ended' }));
}

/** One poll of a job. */
function followIn({ ask, secrets }: Instance): (job: string, call: Call) => Promise<Done> {
  return (job, call) => {
    const read = (answer: Answer): Done => {
      const state = decodeJob(answer, job, secrets());
      const record = recordOf(null, killAll, answer, job);
      if (state === undefined) return { is: 'job', call: record, job };
      return state === 'ended' ? { is: 'ended', call: record } : { is: 'failed', failure: state };
    };
    return ask(encodeJob(job), read, call);
  };
}
