import { Failure } from '../model/failure.js';
import { inBody, placeIn, type Writing } from '../model/request.js';
import type { Call, Node, Target } from '../model/target.js';

/**
 * The nodes of a target that are named so, all if none is named. A name that the only target of a call does not have is
 * the caller's mistake; of several, each contributes those that it has.
 */
export async function chooseNodes(
  target: Target,
  names: readonly string[],
  call: Call,
  { writing, isOnly }: { readonly writing: Writing; readonly isOnly: boolean } = { writing: inBody, isOnly: true },
): Promise<readonly Node[]> {
  const nodes = await target.nodes(call);
  const unknown = isOnly ? names.filter((name) => !nodes.some((node) => node.name === name)) : [];
  const errors = unknown.map((name) => ({
    ...placeIn(writing, 'node'),
    message: `The target "${target.name}" has no node "${name}".`,
  }));
  const [first] = errors;
  if (first) throw new Failure('invalid-request', first.message, { errors });
  return names.length === 0 ? nodes : nodes.filter((node) => node.name !== null && names.includes(node.name));
}

/** Makes sure that the nodes of a target are known, if they can be. Never rejects. */
export async function learnNodes(target: Target, call: Call): Promise<void> {
  if (target.configuredNodes === null) await target.nodes(call).catch(() => []);
}
