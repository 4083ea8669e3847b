import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { NarrowFact } from '../../../core/model/sought.js';
import type { Done, Listing } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { vendorNow } from '../../../transport/skew.js';
import { huaweiBackend, recordOf } from '../huawei.backend.js';
import { GaussdbTargetConfig } from './gaussdb.config.js';
import { protects } from './gaussdb.protected.js';
import {
  decodeKill,
  decodeKillFree,
  decodeList,
  encodeKill,
  encodeKillFree,
  encodeList,
  isSessionId,
  killRouteOf,
} from './gaussdb.wire.js';
import { decodeNodes, encodeNodes } from './nodes.wire.js';

/** GaussDB (openGauss): the sessions on the components of an instance. */
export const gaussdb = huaweiBackend({
  kind: 'gaussdb',
  Config: GaussdbTargetConfig,
  telling: {
    facts: new Set<Fact>([
      'user',
      'database',
      'client',
      'application',
      'busySeconds',
      'ageSeconds',
      'transactionSeconds',
      'statementId',
      'blockedBy',
    ]),
    states: new Set<ProcessState>(['active', 'idle', 'idleInTransaction']),
  },
  narrowsBy: new Set<NarrowFact>(['user', 'client', 'database']),
  protects,
  isId: isSessionId,
  findNodes: ({ ask }, call) => ask(encodeNodes(), decodeNodes, call),
  abilitiesOf: ({ name, clock, ask }) => ({
    look: (node, call, { narrowing } = {}) => {
      const sentAt = clock.now();
      const read = (answer: Answer): Listing => {
        const answeredAt = clock.now();
        const now = vendorNow(answer, { sentAt, answeredAt });
        const listed = decodeList(answer, { target: name, node: node.name, now });
        return { ...listed, at: new Date(answeredAt), vendorAt: new Date(now) };
      };
      return ask(encodeList(node, narrowing), read, call);
    },
    kill: {
      call: 'kill-session',
      route: killRouteOf('kill-session'),
      batch: 100,
      tellsNotFound: false,
      run: (node, refs, call) => {
        const ids = refs.map((ref) => ref.id);
        const read = (answer: Answer) => ({
          call: recordOf(node, 'kill-session', answer),
          ended: decodeKill(answer, ids),
        });
        return ask(encodeKill(node, ids), read, call);
      },
    },
    looksInOneCall: true,
    flush: {
      graceful: {
        call: 'kill-free-session',
        route: killRouteOf('kill-free-session'),
        per: 'node',
        note: "Which sessions are free is GaussDB's choice, and it tells no number.",
        run: (node, call) => {
          const read = (answer: Answer): Done => {
            decodeKillFree(answer);
            return { is: 'ended', call: recordOf(node, 'kill-free-session', answer) };
          };
          return ask(encodeKillFree(node), read, call);
        },
      },
    },
  }),
});
