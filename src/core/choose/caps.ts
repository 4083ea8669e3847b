import { refuseProtected } from './choose.js';
import { refuseListed } from './choose-listed.js';
import type { Survey } from './chosen.js';
import { connectedOn, leastConnected, refuseUnapproved, toBeSent, wayOut } from './unapproved.js';
import { Failure, type FieldError } from '../model/failure.js';
import type { GrantCaps } from '../model/caller.js';
import { isExempt, placeIn, type MutatingRequest, type Writing } from '../model/request.js';
import type { Target } from '../model/target.js';

/** By what a kill is capped besides the safeguards of its targets. */
interface CapRules {
  /** What the grants of the caller narrow on a target. */
  readonly capsOn?: (target: string) => GrantCaps;
  /** It is approved, or to be: then only the most that may be approved counts. */
  readonly isExempt?: boolean;
}

/**
 * By which caps of a target a kill by filter ends too many there: a sentence each. Ids that the caller named are not
 * capped.
 */
export function capErrors(
  target: Pick<Target, 'name' | 'safeguards'>,
  { looked, chosen }: Survey,
  { capsOn, isExempt: isApproved = false }: CapRules = {},
): readonly string[] {
  if (isApproved) return approvalErrors(target, toBeSent(chosen));
  const count = toBeSent(chosen.filter(({ byFilter }) => byFilter));
  const connected = connectedOn(looked);
  const { maxShare } = target.safeguards;
  const maxProcesses = Math.min(target.safeguards.maxProcesses, capsOn?.(target.name).maxProcesses ?? Infinity);
  // Shares such as 0.29 of 100 fall a little short of the whole number that they mean.
  const most = Math.floor(maxShare * connected + 1e-9);
  const match = `${String(count)} of ${String(connected)} connected processes of "${target.name}" match`;
  return [
    ...(count > maxProcesses ? [`${match}: at most ${String(maxProcesses)} a call (maxProcesses).`] : []),
    ...(connected >= leastConnected && count > most
      ? [`${match}: at most ${String(most)}, a share of ${String(maxShare)} (maxShare).`]
      : []),
  ];
}

/** How many processes of a target a kill by filter may end now. */
function mostPassing(
  { name, safeguards }: Pick<Target, 'name' | 'safeguards'>,
  { looked }: Survey,
  { capsOn }: CapRules,
): number {
  const connected = connectedOn(looked);
  const share = connected >= leastConnected ? Math.floor(safeguards.maxShare * connected + 1e-9) : Infinity;
  return Math.min(safeguards.maxProcesses, capsOn?.(name).maxProcesses ?? Infinity, share);
}

function tellWaysOut(passing: number): string {
  const first = passing > 0 ? `first=${String(passing)} with a sort, ` : '';
  return ` What passes: ${first}ids (up to 1000), or a second person:${wayOut.replace(' Send', ' send')}`;
}

function approvalErrors({ name, safeguards }: Pick<Target, 'name' | 'safeguards'>, count: number): readonly string[] {
  const { most } = safeguards.approval;
  if (count <= most) return [];
  return [`${String(count)} processes of "${name}" match: at most ${String(most)} may be approved (approval.most).`];
}

/**
 * The refusal of a kill that would end more than a target's caps allow there, or than the caller's own `max` allows on
 * all targets together; null if there is none. Nothing is ever truncated.
 */
export function refuseTooMany(
  surveys: ReadonlyMap<Target, Survey>,
  max: number | null,
  writing: Writing,
  rules: CapRules = {},
): Failure | null {
  const caps = [...surveys].flatMap(([target, survey]) =>
    capErrors(target, survey, rules).map((message): FieldError => ({ ...placeIn(writing, 'target'), message })),
  );
  const count = toBeSent([...surveys.values()].flatMap(({ chosen }) => chosen));
  const passing = Math.min(...[...surveys].map(([target, survey]) => mostPassing(target, survey, rules)));
  const own =
    max !== null && count > max ? [{ ...placeIn(writing, 'max'), message: tooManyForCaller(count, max) }] : [];
  const errors = [...own, ...caps];
  const [first] = errors;
  if (!first) return null;
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more: see errors)` : '';
  const isWayOut = rules.isExempt !== true && own.length === 0;
  return new Failure('too-many-processes', `${first.message}${more}${isWayOut ? tellWaysOut(passing) : ''}`, {
    errors,
  });
}

function tooManyForCaller(count: number, max: number): string {
  return `${String(count)} processes match, and max is ${String(max)}: nothing was sent.`;
}

/** Why what was chosen may not be ended, as far as a look can tell. */
export function refuseChosen(
  surveys: ReadonlyMap<Target, Survey>,
  request: MutatingRequest,
  capsOn: (target: string) => GrantCaps,
): Failure | null {
  if (request.kind !== 'processes.kill') return null;
  const listed = request.listed && !request.plan ? refuseListed(surveys, request) : null;
  if (listed) return listed;
  for (const [target, { chosen }] of request.listed ? [] : surveys) {
    const refusal = refuseProtected(target, chosen, request.selection, request.writing);
    if (refusal) return refusal;
  }
  const unapproved = isExempt(request) ? null : refuseUnapproved(surveys, request.writing);
  return unapproved ?? refuseTooMany(surveys, request.max, request.writing, { capsOn, isExempt: isExempt(request) });
}
