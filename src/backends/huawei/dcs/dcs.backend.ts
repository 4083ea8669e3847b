import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Call, Done } from '../../../core/model/target.js';
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
    return {
      follow,
      look: (node, call) => lookAtClients(instance, follow, node, call),
      kill: {
        call: 'clients/kill',
        route: killRoute,
        batch: 100,
        tellsNotFound: false,
        run: (node, refs, call) => {
          const peers = refs.map((ref) => ref.id);
          const read = (answer: Answer) => ({
            call: recordOf(node, 'clients/kill', answer),
            ended: decodeKill(answer, peers),
          });
          return ask(encodeKill(idOf(node), peers), read, call);
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
