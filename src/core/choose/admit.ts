import { actionFor, isVisible, mayDo, roleFor, tellHeld, type Action } from '../model/caller.js';
import { processStates, textFacts } from '../model/process.js';
import {
  maxTargets,
  placeIn,
  type FlushRequest,
  type KillRequest,
  type LookRequest,
  type MutatingRequest,
} from '../model/request.js';
import { restricts } from '../model/selection.js';
import { abilitiesOf, strategyOf, type Ability } from '../model/abilities.js';
import type { Target } from '../model/target.js';
import { admitIntent } from './admit-intent.js';
import { admitListed, admitNodes, admitSelection } from './admit-selection.js';
import { Judging, type Admission, type AdmittedTargets } from './judging.js';

/** The member of a request that names its targets. */
type TargetMember = 'target' | 'targets';

/** Finds the named targets that the caller may use so. One that it may not see does not exist. */
function admitTargets(
  judging: Judging,
  names: readonly string[],
  member: TargetMember,
  ability: Ability,
  action: Action = actionFor(ability),
  can: (target: Target) => boolean = (target) => abilitiesOf(target).includes(ability),
): readonly Target[] {
  const { targets, caller, refusals, writing } = judging;
  if (names.length > maxTargets) {
    const message = `At most ${String(maxTargets)} targets a call.`;
    refusals.add('invalid-request', { ...placeIn(writing, member), message });
    return [];
  }
  return names.flatMap((name, index) => {
    const at = placeIn(writing, member, index);
    const target = targets.named(name);
    if (target === undefined || !isVisible(caller, name)) {
      refusals.add('unknown-target', { ...at, message: `No target is called "${name}", or it is not granted to you.` });
      return [];
    }
    if (!mayDo(caller, name, action)) {
      const message = `${caller.name} ${tellHeld(caller, name)}, and to ${action} takes ${roleFor(action)}.`;
      refusals.add('forbidden', { ...at, message });
      return [];
    }
    if (!can(target)) {
      const message = `The target "${name}" (${target.backend}) cannot be asked to ${ability}.`;
      judging.dismiss(target, 'unsupported-operation', { ...at, message });
      return [];
    }
    return [target];
  });
}

/** The targets that a look may see; what is wrong with it is added to the refusals. */
export function admitLook(admission: Admission, request: LookRequest): AdmittedTargets {
  const judging = new Judging(admission, request.writing, request.skipsInapplicable === true);
  const admitted = admitTargets(judging, request.targets, 'target', 'look');
  admitSelection(judging, request.selection, admitted, request.targets.length);
  return judging.settle(admitted);
}

function admitKill(admission: Judging, request: KillRequest): readonly Target[] {
  const { refusals, writing } = admission;
  const { selection } = request;
  const admitted = admitTargets(admission, request.targets, 'target', 'kill');
  // A plan was made of a selection that was admitted.
  if (request.plan) return admitted;
  if (request.listed) {
    admitListed(admission, request.listed, admitted);
    return admitted;
  }
  if (selection.ids.length > 0 && request.first !== undefined && request.first !== null) {
    const message = 'first is for a filter: ids say themselves which processes are meant.';
    refusals.add('invalid-request', { ...placeIn(writing, 'first'), message });
  }
  if (selection.ids.length > 0 && request.targets.length > 1) {
    refusals.add('invalid-request', { ...placeIn(writing, 'target'), message: 'With id, name exactly one target.' });
  }
  admitSelection(admission, selection, admitted, request.targets.length);
  // Without a target that was admitted, every state that there is counts; a filter that is malformed is told as that.
  const applying = admitted.filter((target) => !admission.isSkipped(target));
  const judged = applying.length > 0 ? applying : [{ states: new Set(processStates) }];
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
    actionFor('flush', request.mode),
    (target) => strategyOf(target, request.mode) !== null,
  );
  admitFlushText(admission, request, admitted);
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
      admission.dismissFilter(target, 'minIdleSeconds');
    }
  }
  return admitted;
}

/** A restriction that the caller wrote is never dropped: only where Sluice chooses can anybody be left out. */
function admitFlushText(admission: Judging, { text, mode }: FlushRequest, admitted: readonly Target[]): void {
  if (text === undefined) return;
  const filters = textFacts.filter((fact) => text[fact] !== undefined);
  for (const target of admitted) {
    const canChoose = strategyOf(target, mode, true) !== null;
    for (const fact of filters.filter((one) => !canChoose || !target.facts.has(one))) {
      admission.dismissFilter(target, fact);
    }
  }
}

/** The targets that a mutating call may change; what is wrong with it is added to the refusals. */
export function admitMutating(admission: Admission, request: MutatingRequest): AdmittedTargets {
  const skips = request.kind === 'processes.kill' && request.skipsInapplicable === true;
  const judging = new Judging(admission, request.writing, skips);
  const settled = judging.settle(admitByKind(judging, request));
  admitIntent(admission, request, settled.targets);
  return settled;
}

function admitByKind(judging: Judging, request: MutatingRequest): readonly Target[] {
  switch (request.kind) {
    case 'processes.kill':
      return admitKill(judging, request);
    case 'sessions.flush':
      return admitFlush(judging, request);
    case 'sessions.tune':
      return admitTargets(judging, request.targets, 'target', 'tune');
  }
}
