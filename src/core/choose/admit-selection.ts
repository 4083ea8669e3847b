import { placeIn, type KillRequest } from '../model/request.js';
import { unsupportedFilters, type Selection } from '../model/selection.js';
import type { Target } from '../model/target.js';
import type { Judging } from './judging.js';

/**
 * Judges a selection by what targets can tell; what is wrong with it is added to the refusals. So many targets were
 * named.
 */
export function admitSelection(
  admission: Judging,
  selection: Selection,
  targets: readonly Target[],
  named: number,
): void {
  for (const target of targets) {
    for (const parameter of unsupportedFilters(selection, target)) admission.dismissFilter(target, parameter);
    if (isNameless(target)) admitNodes(admission, selection.nodes, target);
    selection.ids.forEach((id, index) => {
      if (target.isId(id)) return;
      const message = `"${id}" cannot be an id of "${target.name}" (${target.backend}).`;
      admission.refusals.add('invalid-request', { ...placeIn(admission.writing, 'id', index), message });
    });
  }
  const withNodes = targets.filter((target) => !isNameless(target) && !admission.isSkipped(target));
  // A node may be one of a target that was refused: then nobody here can say that there is none.
  if (targets.length === named) admitNodesOfAny(admission, selection.nodes, withNodes);
}

/** A node that none of the targets has is a mistake of the caller's; found nodes are judged when they are found. */
function admitNodesOfAny(admission: Judging, nodes: readonly string[], targets: readonly Target[]): void {
  if (targets.length === 1) {
    for (const target of targets) admitNodes(admission, nodes, target);
    return;
  }
  if (targets.length === 0 || targets.some((target) => target.configuredNodes === null)) return;
  const known = new Set(targets.flatMap((target) => (target.configuredNodes ?? []).map((node) => node.name)));
  for (const node of nodes.filter((name) => !known.has(name))) {
    admission.refusals.add('invalid-request', {
      ...placeIn(admission.writing, 'node'),
      message: `No target here has a node "${node}".`,
    });
  }
}

/** A target must have each of these nodes, as far as that is known. */
export function admitNodes(admission: Judging, nodes: readonly string[], target: Target): void {
  const { configuredNodes } = target;
  if (configuredNodes === null) return;
  if (isNameless(target)) {
    if (nodes.length > 0) admission.dismissFilter(target, 'node');
    return;
  }
  for (const node of nodes.filter((name) => !configuredNodes.some((known) => known.name === name))) {
    const message = `The target "${target.name}" has no node "${node}".`;
    admission.refusals.add('invalid-request', { ...placeIn(admission.writing, 'node'), message });
  }
}

/** A target that has no nodes of its own, such as a pool. */
function isNameless({ configuredNodes }: Target): boolean {
  return configuredNodes?.every((node) => node.name === null) === true;
}

/** Each process that is listed must have an id and a node that its target can have. */
export function admitListed(
  { refusals }: Judging,
  listed: NonNullable<KillRequest['listed']>,
  targets: readonly Target[],
): void {
  for (const target of targets) {
    const { configuredNodes, name, backend } = target;
    for (const { id, node, position } of listed.get(name) ?? []) {
      const at = `/processes/${String(position)}`;
      if (!target.isId(id)) {
        const message = `"${id}" cannot be an id of "${name}" (${backend}).`;
        refusals.add('invalid-request', { pointer: `${at}/id`, message });
      }
      if (node !== null && configuredNodes !== null && !configuredNodes.some((known) => known.name === node)) {
        const message = `The target "${name}" has no node "${node}".`;
        refusals.add('invalid-request', { pointer: `${at}/node`, message });
      }
    }
  }
}
