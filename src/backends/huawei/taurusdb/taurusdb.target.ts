import { Failure } from '../../../core/model/failure.js';
import type { Fact, ProcessState } from '../../../core/model/process.js';
import type { Telling } from '../../../core/model/selection.js';
import type { Call, Node, Target } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { named, recordOf, type HuaweiConnection, type Read } from '../huawei.connection.js';
import type { VendorCall } from '../huawei.wire.js';
import { wholeList, type Page } from '../whole-list.js';
import type { TaurusdbNodeConfig, TaurusdbTargetConfig } from './taurusdb.config.js';
import { protects } from './taurusdb.protected.js';
import {
  decodeKill,
  decodeList,
  encodeKill,
  encodeList,
  idsPerKill,
  isThreadId,
  killRoute,
  rowsPerPage,
  type Place,
} from './taurusdb.wire.js';

/** The name of a configured node. */
export const nameOf = ({ name, id }: TaurusdbNodeConfig): string => name ?? id;

/** What a thread tells. */
export const telling: Telling = {
  facts: new Set<Fact>(['user', 'database', 'client', 'command', 'idleSeconds', 'busySeconds']),
  states: new Set<ProcessState>(['idle', 'active']),
};

/** A TaurusDB instance: its threads are seen and killed node by node. It has no mass calls of its own. */
export function taurusdbTarget(config: TaurusdbTargetConfig, connection: HuaweiConnection): Target {
  const nodes = config.nodes.map((node): Node => ({ name: nameOf(node), id: node.id, component: null }));
  const placeOf = ({ id }: Node): Place => {
    if (id === null) throw new Failure('internal', `The target "${config.name}" was asked about a node without an id.`);
    return { projectId: connection.projectId, instanceId: config.instanceId, nodeId: id };
  };
  const ask = <T>(request: VendorCall, read: Read<T>, call: Call) =>
    connection.ask('taurusdb', config.name, request, read, call);
  return {
    ...named('taurusdb', config, connection),
    ...telling,
    protects,
    isId: isThreadId,
    configuredNodes: nodes,
    nodes: () => Promise.resolve(nodes),
    gracefulNote: 'A sleeping thread may hold an open transaction, which ends with it.',
    look: async (node, call) => {
      const at = new Date(connection.clock.now());
      const owner = { target: config.name, node: node.name };
      const pageFrom = (offset: number, limit: number): Promise<Page> =>
        ask(encodeList(placeOf(node), offset, limit), (answer) => decodeList(answer, owner), call);
      return { ...(await wholeList(pageFrom, rowsPerPage, call, connection.clock)), at };
    },
    kill: {
      call: 'delete-processes',
      route: killRoute,
      batch: idsPerKill,
      run: async (node, refs, call) => {
        const ids = refs.map((ref) => ref.id);
        const request = encodeKill(placeOf(node), ids);
        const read = (answer: Answer) => ({
          call: recordOf(node, request.call, answer),
          ended: decodeKill(answer, ids),
        });
        return ask(request, read, call);
      },
    },
  };
}
