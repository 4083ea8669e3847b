import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Done } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { huaweiBackend, idOf, recordOf } from '../huawei.backend.js';
import type { PageFrom } from '../page.js';
import { wholeList } from '../whole-list.js';
import { GeminidbTargetConfig } from './geminidb.config.js';
import { protects } from './geminidb.protected.js';
import {
  decodeEnded,
  decodeKill,
  decodeList,
  decodeNodes,
  encodeKill,
  encodeKillAll,
  encodeList,
  encodeNodes,
  instanceRoute,
  isSessionId,
  nodeRoute,
  rowsPerPage,
} from './geminidb.wire.js';

/** GeminiDB Redis: the sessions of an instance, node by node, and the vendor's own way to end them all. */
export const geminidb = huaweiBackend({
  kind: 'geminidb',
  Config: GeminidbTargetConfig,
  telling: {
    facts: new Set<Fact>(['client', 'database', 'application', 'command', 'idleSeconds', 'ageSeconds']),
    states: new Set<ProcessState>(['active', 'idle', 'idleInTransaction']),
  },
  protects,
  isId: isSessionId,
  findNodes: ({ ask }, call) => ask(encodeNodes(), (answer) => decodeNodes(answer).map((id) => ({ id })), call),
  abilitiesOf: ({ name, clock, sideBySide, ask }) => ({
    look: async (node, call) => {
      const at = new Date(clock.now());
      const owner = { target: name, node: node.name };
      const pageFrom: PageFrom = (offset, _limit, within) =>
        ask(encodeList(idOf(node), offset), (answer) => decodeList(answer, owner), within);
      return { ...(await wholeList(pageFrom, [rowsPerPage], call, clock, { sideBySide })), at };
    },
    kill: {
      call: 'delete-sessions',
      route: nodeRoute,
      batch: 100,
      tellsNotFound: false,
      run: (node, refs, call) => {
        const ids = refs.map((ref) => ref.id);
        const request = encodeKill(idOf(node), ids);
        const read = (answer: Answer) => ({
          call: recordOf(node, request.call, answer),
          ended: decodeKill(answer, ids),
        });
        return ask(request, read, call);
      },
    },
    flush: {
      forced: {
        call: 'delete-instance-sessions',
        route: instanceRoute,
        per: 'target',
        ofNode: { call: 'delete-sessions', route: nodeRoute },
        note: 'Clients may be back at once.',
        run: (node, call) => {
          const request = node === null ? encodeKillAll() : encodeKill(idOf(node), 'all');
          const read = (answer: Answer): Done => {
            decodeEnded(answer);
            return { is: 'ended', call: recordOf(node, request.call, answer) };
          };
          return ask(request, read, call);
        },
      },
    },
  }),
});
