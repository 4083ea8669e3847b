import { Failure } from '../../../core/model/failure.js';
import { ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, type VendorCall } from '../huawei.wire.js';
import { malformedJson, objectsOf, textOf, type RawMember } from '../json.wire.js';

/**
 * GaussDB API reference, "Querying Nodes for Execution" (ListKeyViewExecuteNodes): the pairs of node and component that
 * the other calls take.
 */
export function encodeNodes(): VendorCall {
  const call = 'key-view-execute-node';
  return {
    call,
    method: 'POST',
    path: `/v3/{project_id}/instances/{instance_id}/${call}`,
    body: null,
    mutating: false,
    maxBytes: ordinaryBytes,
  };
}

interface ExecutingNode {
  readonly node_id?: RawMember;
  readonly component_id?: RawMember;
  readonly role?: RawMember;
  readonly type?: RawMember;
}

/** The answer to that, without those that have no sessions: log nodes, and what is neither CN nor DN. */
export function decodeNodes(answer: Answer): readonly { readonly id: string; readonly component: string }[] {
  const rows: readonly ExecutingNode[] = objectsOf(bodyOf(answer).nodes, 'nodes');
  const found = rows
    .filter(({ role, type }) => textOf(role)?.toLowerCase() !== 'secondary' && /^(?:cn|dn)$/i.test(textOf(type) ?? ''))
    .map(({ node_id, component_id }) => {
      const [id, component] = [textOf(node_id), textOf(component_id)];
      if (id === null || component === null) throw malformedJson('The answer has a node without an id.');
      return { id, component };
    });
  if (found.length > 0) return found;
  throw new Failure('upstream-unavailable', 'GaussDB names no node of this instance.', { sent: 'refused' });
}
