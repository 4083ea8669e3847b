import { refuseProtected } from './choose.js';
import type { Chosen } from './chosen.js';
import type { Survey } from './survey.js';
import { Failure, type FieldError } from '../model/failure.js';
import { placeIn, type MutatingRequest, type Writing } from '../model/request.js';
import type { Target } from '../model/target.js';

/** On fewer processes than these, a share says little. */
const leastConnected = 10;

/**
 * By which caps of a target a kill by filter ends too many there: a sentence each. Ids that the caller named are not
 * capped.
 */
export function capErrors(target: Pick<Target, 'name' | 'safeguards'>, { looked, chosen }: Survey): readonly string[] {
  const count = toBeSent(chosen.filter(({ byFilter }) => byFilter));
  const connected = looked.reduce((sum, { listing }) => sum + (listing?.processes.length ?? 0), 0);
  const { maxProcesses, maxShare } = target.safeguards;
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

/**
 * The refusal of a kill that would end more than a target's caps allow there, or than the caller's own `max` allows on
 * all targets together; null if there is none. Nothing is ever truncated.
 */
export function refuseTooMany(
  surveys: ReadonlyMap<Target, Survey>,
  max: number | null,
  writing: Writing,
): Failure | null {
  const caps = [...surveys].flatMap(([target, survey]) =>
    capErrors(target, survey).map((message): FieldError => ({ ...placeIn(writing, 'target'), message })),
  );
  const count = toBeSent([...surveys.values()].flatMap(({ chosen }) => chosen));
  const own =
    max !== null && count > max ? [{ ...placeIn(writing, 'max'), message: tooManyForCaller(count, max) }] : [];
  const errors = [...own, ...caps];
  const [first] = errors;
  if (!first) return null;
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more: see errors)` : '';
  return new Failure('too-many-processes', `${first.message}${more}`, { errors });
}

function tooManyForCaller(count: number, max: number): string {
  return `${String(count)} processes match, and max is ${String(max)}: nothing was sent.`;
}

function toBeSent(chosen: readonly Chosen[]): number {
  return chosen.flatMap(({ items }) => items).filter(({ outcome }) => outcome === null).length;
}

/** Why what was chosen may not be ended, as far as a look can tell. */
export function refuseChosen(surveys: ReadonlyMap<Target, Survey>, request: MutatingRequest): Failure | null {
  if (request.kind !== 'processes.kill') return null;
  for (const [target, { chosen }] of surveys) {
    const refusal = refuseProtected(target, chosen, request.selection, request.writing);
    if (refusal) return refusal;
  }
  return refuseTooMany(surveys, request.max, request.writing);
}
