import type { FlushCall, Kill, Operation, Preview } from '../../clients/typescript/src/sluice.ts';

/** A call, and what its dry run found. */
export interface Planned {
  readonly call: Kill | FlushCall;
  readonly preview: Preview;
  /** Under which it is carried out once, however often it is sent. */
  readonly key: string;
}

type PlannedTarget = Operation['targets'][number];

/** What only an approval, or an emergency, gets past. */
const exceptions: readonly string[] = ['approval-required', 'too-many-processes', 'kill-budget-exhausted'];

/** What the vendor is left to choose is looked at again after so many seconds: there is no plan that says how long. */
const freshSeconds = 120;

/** The targets that the call would touch: where there is a plan, those alone that it fixes. */
export function touchedTargets({ plan, targets }: Operation): readonly PlannedTarget[] {
  return plan ? targets.filter(({ planNote, state }) => planNote === undefined && state !== 'failed') : targets;
}

/** The targets that the plan leaves out, since the vendor itself chooses there. */
export function leftOutTargets({ plan, targets }: Operation): readonly PlannedTarget[] {
  return plan ? targets.filter(({ planNote }) => planNote !== undefined) : [];
}

/** How many would end, as far as anybody knows. */
export function countOf(operation: Operation): number {
  return touchedTargets(operation).reduce((sum, { counts }) => sum + (counts.wouldEnd ?? 0), 0);
}

/** The vendor chooses by itself on all targets: there is no plan to send, only the flush. */
export function isByVendor({ kind, plan, planNote, refusal }: Operation): boolean {
  return kind === 'sessions.flush' && !plan && !refusal && planNote != null;
}

/** Is there anything to carry out? */
export function canBeDone({ preview: { operation } }: Planned): boolean {
  if (operation.refusal) return false;
  return isByVendor(operation) || (operation.plan != null && countOf(operation) > 0);
}

/** Could somebody else approve what is refused, or an emergency stand for that? */
export function canBeExcepted({ refusal }: Operation): boolean {
  return refusal != null && exceptions.includes(refusal.code);
}

/** Is it a flush that spares nobody? */
export function isForcedFlush({ call }: Planned): boolean {
  return 'targets' in call && call.mode === 'forced';
}

/** Does it break the glass? */
export function isEmergency({ call }: Planned): boolean {
  return call.breakGlass === true;
}

/** For how many seconds from its dry run on the call can be sent, by the clock of Sluice alone. */
export function lifeOf({ plan, createdAt }: Operation): number {
  return plan ? (Date.parse(plan.expiresAt) - Date.parse(createdAt)) / 1000 : freshSeconds;
}
