import { holds, roleFor, roleOn, type Caller } from '../model/caller.js';
import { processStates } from '../model/process.js';
import type { Refusals } from '../model/refusals.js';
import {
  maxTargets,
  placeIn,
  type FlushRequest,
  type KillRequest,
  type LookRequest,
  type MutatingRequest,
  type Writing,
} from '../model/request.js';
import { restricts, unsupportedFilters, type Selection } from '../model/selection.js';
import { abilitiesOf, strategyOf, type Ability } from '../model/abilities.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';

/** What Sluice knows by itself, before the first byte to a vendor: it adds to the refusals, and returns who is left. */
export interface Admission {
  readonly targets: Targets;
  readonly caller: Caller;
  readonly refusals: Refusals;
}

/** The same, and where the call was written. */
interface Judging extends Admission {
  readonly writing: Writing;
}

/** The member of a request that names its targets. */
type TargetMember = 'target' | 'targets';

/** Finds the named targets that the caller may use so. One that it may not see does not exist. */
function admitTargets(
  { targets, caller, refusals, writing }: Judging,
  names: readonly string[],
  member: TargetMember,
  ability: Ability,
  can: (target: Target) => boolean = (target) => abilitiesOf(target).includes(ability),
): readonly Target[] {
  if (names.length > maxTargets) {
    refusals.add('invalid-request', {
      ...placeIn(writing, member),
      message: `At most ${String(maxTargets)} targets a call.`,
    });
    return [];
  }
  return names.flatMap((name, index) => {
    const at = member === 'targets' ? placeIn(writing, member, index) : placeIn(writing, member);
    const held = roleOn(caller, name);
    const target = targets.named(name);
    if (target === undefined || held === null) {
      refusals.add('unknown-target', { ...at, message: `No target is called "${name}", or it is not granted to you.` });
      return [];
    }
    if (!holds(caller, name, roleFor[ability])) {
      const message = `${caller.name} is ${held} of "${name}", and to ${ability} takes ${roleFor[ability]}.`;
      refusals.add('forbidden', { ...at, message });
      return [];
    }
    if (!can(target)) {
      const message = `The target "${name}" (${target.backend}) cannot be asked to ${ability}.`;
      refusals.add('unsupported-operation', { ...at, message });
      return [];
    }
    return [target];
  });
}

/** The targets that a look may see; what is wrong with it is added to the refusals. */
export function admitLook(admission: Admission, request: LookRequest): readonly Target[] {
  const judging = { ...admission, writing: request.writing };
  const admitted = admitTargets(judging, request.targets, 'target', 'look');
  admitSelection(judging, request.selection, admitted, request.targets.length);
  return admitted;
}

function admitKill(admission: Judging, request: KillRequest): readonly Target[] {
  const { refusals, writing } = admission;
  const { selection } = request;
  const admitted = admitTargets(admission, request.targets, 'target', 'kill');
  // A plan was made of a selection that was admitted.
  if (request.plan) return admitted;
  if (selection.ids.length > 0 && request.targets.length > 1) {
    refusals.add('invalid-request', { ...placeIn(writing, 'target'), message: 'With id, name exactly one target.' });
  }
  admitSelection(admission, selection, admitted, request.targets.length);
  // Without a target that was admitted, every state that there is counts; a filter that is malformed is told as that.
  const judged = admitted.length > 0 ? admitted : [{ states: new Set(processStates) }];
  if (!refusals.has('invalid-request') && judged.some((target) => !restricts(selection, target))) {
    refusals.add('selection-required', {
      ...placeIn(writing, 'id'),
      message: 'Name ids, or a filter that can leave something out: no filter never means everything.',
    });
  }
  return admitted;
}

function admitFlush(admission: Judging, request: FlushRequest): readonly Target[] {
  const { refusals, writing } = admission;
  const admitted = admitTargets(
    admission,
    request.targets,
    'targets',
    'flush',
    (target) => strategyOf(target, request.mode) !== null,
  );
  if (request.node !== null) {
    if (request.targets.length !== 1) {
      refusals.add('invalid-request', {
        ...placeIn(writing, 'node'),
        message: 'A node narrows a single target: name exactly one.',
      });
    }
    for (const target of admitted) admitNodes(admission, [request.node], target);
  }
  if (request.minIdleSeconds !== null) {
    if (request.mode === 'forced') {
      const message = 'A forced flush ends everything: minIdleSeconds restricts a graceful one.';
      refusals.add('invalid-request', { ...placeIn(writing, 'minIdleSeconds'), message });
    }
    for (const target of admitted.filter(({ facts }) => !facts.has('idleSeconds'))) {
      refuseFilter(admission, 'minIdleSeconds', target);
    }
  }
  return admitted;
}

/** The targets that a mutating call may change; what is wrong with it is added to the refusals. */
export function admitMutating(admission: Admission, request: MutatingRequest): readonly Target[] {
  const judging = { ...admission, writing: request.writing };
  switch (request.kind) {
    case 'processes.kill':
      return admitKill(judging, request);
    case 'sessions.flush':
      return admitFlush(judging, request);
    case 'sessions.tune':
      return admitTargets(judging, request.targets, 'target', 'tune');
  }
}

function admitSelection(admission: Judging, selection: Selection, targets: readonly Target[], named: number): void {
  for (const target of targets) {
    for (const parameter of unsupportedFilters(selection, target)) refuseFilter(admission, parameter, target);
    if (isNameless(target)) admitNodes(admission, selection.nodes, target);
    selection.ids.forEach((id, index) => {
      if (target.isId(id)) return;
      const message = `"${id}" cannot be an id of "${target.name}" (${target.backend}).`;
      admission.refusals.add('invalid-request', { ...placeIn(admission.writing, 'id', index), message });
    });
  }
  const withNodes = targets.filter((target) => !isNameless(target));
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

function admitNodes(admission: Judging, nodes: readonly string[], target: Target): void {
  const { configuredNodes } = target;
  if (configuredNodes === null) return;
  if (isNameless(target)) {
    if (nodes.length > 0) refuseFilter(admission, 'node', target);
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

function refuseFilter({ refusals, writing }: Judging, parameter: string, target: Target): void {
  const message = `The target "${target.name}" (${target.backend}) cannot judge ${parameter}.`;
  refusals.add('unsupported-filter', { ...placeIn(writing, parameter), message });
}
