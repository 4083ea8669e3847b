import { Failure } from '../../../core/model/failure.js';
import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Telling } from '../../../core/model/selection.js';
import type { Call, Done, Listing, Node, Target } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { vendorNow } from '../../../transport/skew.js';
import { named, recordOf, type HuaweiConnection, type Read } from '../huawei.connection.js';
import type { VendorCall } from '../huawei.wire.js';
import type { GaussdbNodeConfig, GaussdbTargetConfig } from './gaussdb.config.js';
import { protects } from './gaussdb.protected.js';
import {
  decodeKill,
  decodeKillFree,
  decodeList,
  encodeKill,
  encodeKillFree,
  encodeList,
  isSessionId,
  routeOf,
  type Place,
} from './gaussdb.wire.js';

/** The name of a configured node. */
export const nameOf = ({ name, id, component }: GaussdbNodeConfig): string => name ?? `${id}/${component}`;

/** What a session tells. */
export const telling: Telling = {
  facts: new Set<Fact>(['user', 'database', 'client', 'application', 'busySeconds', 'ageSeconds']),
  states: new Set<ProcessState>(['active', 'idle', 'idleInTransaction']),
};

/** A GaussDB instance: the sessions of its configured components. */
export function gaussdbTarget(config: GaussdbTargetConfig, connection: HuaweiConnection): Target {
  const nodes = config.nodes.map((node): Node => ({ name: nameOf(node), id: node.id, component: node.component }));
  const placeOf = (node: Node | null): Place => {
    const { id = null, component = null } = node ?? {};
    if (id === null || component === null) {
      throw new Failure('internal', `The target "${config.name}" was asked about a node without a component.`);
    }
    return { projectId: connection.projectId, instanceId: config.instanceId, nodeId: id, component };
  };
  const ask = <T>(request: VendorCall, read: Read<T>, call: Call) =>
    connection.ask('gaussdb', config.name, request, read, call);
  return {
    ...named('gaussdb', config, connection),
    ...telling,
    protects,
    isId: isSessionId,
    configuredNodes: nodes,
    nodes: () => Promise.resolve(nodes),
    look: (node, call) => {
      const sentAt = connection.clock.now();
      const read = (answer: Answer): Listing => {
        const answeredAt = connection.clock.now();
        const now = vendorNow(answer, { sentAt, answeredAt });
        const listed = decodeList(answer, { target: config.name, node: node.name, now });
        return { ...listed, at: new Date(answeredAt), vendorAt: new Date(now) };
      };
      return ask(encodeList(placeOf(node)), read, call);
    },
    kill: {
      call: 'kill-session',
      route: routeOf('kill-session'),
      batch: 100,
      run: (node, refs, call) => {
        const ids = refs.map((ref) => ref.id);
        const read = (answer: Answer) => ({
          call: recordOf(node, 'kill-session', answer),
          ended: decodeKill(answer, ids),
        });
        return ask(encodeKill(placeOf(node), ids), read, call);
      },
    },
    flush: {
      graceful: {
        call: 'kill-free-session',
        route: routeOf('kill-free-session'),
        per: 'node',
        note: "Which sessions are free is GaussDB's choice, and it tells no number.",
        run: (node, call) => {
          const read = (answer: Answer): Done => {
            decodeKillFree(answer);
            return { is: 'done', call: recordOf(node, 'kill-free-session', answer), effect: 'ended' };
          };
          return ask(encodeKillFree(placeOf(node)), read, call);
        },
      },
    },
  };
}
