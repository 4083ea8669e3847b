import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Answer } from '../../../transport/exchange.js';
import { huaweiBackend, idOf, recordOf } from '../huawei.backend.js';
import type { PageFrom } from '../page.js';
import { seenAll } from '../seen-all.js';
import { wholeList } from '../whole-list.js';
import { decodeLockWait, encodeLockWait, withLockWaits } from './lock-waits.js';
import { TaurusdbTargetConfig } from './taurusdb.config.js';
import { protects } from './taurusdb.protected.js';
import {
  decodeKill,
  decodeList,
  decodeNodes,
  encodeInstance,
  encodeKill,
  encodeList,
  idsPerKill,
  isThreadId,
  killRoute,
  rowsPerPage,
} from './taurusdb.wire.js';

/**
 * TaurusDB (GaussDB for MySQL): the user session threads on the nodes of an instance. It has no mass calls of its own.
 */
export const taurusdb = huaweiBackend({
  kind: 'taurusdb',
  Config: TaurusdbTargetConfig,
  telling: {
    facts: new Set<Fact>(['user', 'database', 'client', 'command', 'idleSeconds', 'busySeconds', 'blockedBy']),
    states: new Set<ProcessState>(['idle', 'active']),
  },
  protects,
  isId: isThreadId,
  findNodes: ({ ask }, call) => ask(encodeInstance(), (answer) => decodeNodes(answer).map((id) => ({ id })), call),
  abilitiesOf: ({ name, clock, sideBySide, ask }) => ({
    gracefulNote: 'A sleeping thread may hold an open transaction, which ends with it.',
    look: async (node, call, { ids } = {}) => {
      const at = new Date(clock.now());
      const owner = { target: name, node: node.name };
      const pageFrom: PageFrom = (offset, limit, within) =>
        ask(encodeList(idOf(node), offset, limit), (answer) => decodeList(answer, owner), within);
      // Who blocks whom is judged among all.
      const isEnough = ids && call.asksLocks !== true && seenAll(ids);
      const manner = { sideBySide, ...(isEnough ? { isEnough } : {}) };
      const list = await wholeList(pageFrom, rowsPerPage, call, clock, manner);
      if (call.asksLocks !== true) return { ...list, at };
      const waitOf = (id: string) => ask(encodeLockWait(idOf(node), id), (answer) => decodeLockWait(answer, id), call);
      return { ...(await withLockWaits(list, waitOf)), at };
    },
    kill: {
      call: 'delete-processes',
      route: killRoute,
      batch: idsPerKill,
      tellsNotFound: true,
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
  }),
});
