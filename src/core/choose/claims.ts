import type { Survey } from './chosen.js';
import { capsOn, type Caller } from '../model/caller.js';
import { Failure } from '../model/failure.js';
import type { Operation } from '../model/operation.js';
import { isExempt, type MutatingRequest } from '../model/request.js';
import type { Target } from '../model/target.js';
import { ownBudget, tellBudget } from '../record/own-budget.js';
import type { Claim, Held, Journal, OpenResult, Spending } from '../record/journal.js';

/** A flush that was left behind is not in the way for ever. */
const flushClaimMs = 900_000;
/** A used plan stays used until no replica's clock takes it for a fresh one. */
const planClaimMs = 1_200_000;

/** Milliseconds for which a plan can be used: the shortest life of its targets counts. */
export function planLifeOf(targets: readonly Target[]): number {
  return 1000 * Math.min(...targets.map(({ safeguards }) => safeguards.planSeconds));
}

/** More kills than anybody can make: what was approved draws on the budgets, and is not held back by them. */
export const unlimitedKills = 2_147_483_647;

/** The kills that a call takes from the budgets of its targets and of its caller there; flushes take none. */
export function spendingOf(
  surveys: ReadonlyMap<Target, Survey>,
  request: MutatingRequest,
  by?: Caller,
): readonly Spending[] {
  if (request.kind !== 'processes.kill' || request.isForApproval === true) return [];
  return [...surveys].flatMap(([{ name, safeguards }, { chosen }]) => {
    const count = chosen.flatMap(({ items }) => items).filter((item) => item.outcome === null).length;
    if (count === 0) return [];
    if (isExempt(request)) return [{ target: name, count, perMinute: unlimitedKills }];
    const own = by ? capsOn(by, name).killsPerMinute : Infinity;
    return [
      { target: name, count, perMinute: safeguards.killsPerMinute },
      ...(by && own < safeguards.killsPerMinute ? [{ target: ownBudget(by.name, name), count, perMinute: own }] : []),
    ];
  });
}

/** What a call claims for itself: its key, the plan that it uses, the targets that it flushes. */
export function claimsOf(
  targets: readonly Target[],
  request: MutatingRequest,
  key: Claim | null,
  now: number,
): readonly Claim[] {
  // A dry run is kept for as long as its plan can be used, and so is its key.
  const keys = key
    ? [request.dryRun ? { ...key, expiresAt: Math.min(key.expiresAt, now + planLifeOf(targets)) } : key]
    : [];
  if (request.dryRun || request.kind === 'sessions.tune') return keys;
  const { plan } = request;
  const plans: readonly Claim[] = plan
    ? [{ scope: 'plan', name: plan.id, fingerprint: null, expiresAt: now + planClaimMs }]
    : [];
  if (request.kind === 'processes.kill' || request.isForApproval === true) return [...keys, ...plans];
  return [...keys, ...plans, ...targets.map(({ name }) => flushClaim(name, now))];
}

/** What a flush claims of a target. */
export function flushClaim(target: string, now: number): Claim {
  return { scope: 'flush', name: target, fingerprint: null, expiresAt: now + flushClaimMs };
}

/**
 * Why a call may not begin, though nothing is wrong with it: somebody else has what it claims, or a budget is spent.
 */
export function refuseOpened(opened: OpenResult, spending: readonly Spending[]): Failure | null {
  switch (opened.is) {
    case 'opened':
      return null;
    case 'held':
      return heldBack(opened.held);
    case 'spent': {
      const { target, left, retryAfterMs } = opened;
      const { count = 0, perMinute = 0 } = spending.find((one) => one.target === target) ?? {};
      return budgetExhausted(target, left, { count, perMinute }, retryAfterMs);
    }
  }
}

function heldBack({ scope, name, operation }: Held): Failure {
  switch (scope) {
    case 'flush':
      return flushInProgress(name, operation);
    case 'plan':
      return planGone(name);
    case 'key':
    case 'request':
      return inProgress(operation);
  }
}

/** What would stand in the way of a call besides what a look shows: a flush that runs, a budget that is spent. */
export async function foreseeRefusal(
  journal: Journal,
  targets: readonly Target[],
  surveys: ReadonlyMap<Target, Survey>,
  request: MutatingRequest,
  now: number,
  by?: Caller,
): Promise<Failure | null> {
  if (request.kind === 'sessions.flush') {
    const held = await Promise.all(targets.map(({ name }) => journal.held('flush', name, now)));
    const first = held.find((one) => one !== undefined);
    return first ? heldBack(first) : null;
  }
  for (const { target, count, perMinute } of spendingOf(surveys, request, by)) {
    const left = perMinute - (await journal.spent(target, now));
    if (count > left) return budgetExhausted(target, Math.max(0, left), { count, perMinute }, null);
  }
  return null;
}

function budgetExhausted(
  target: string,
  left: number,
  { count, perMinute }: Pick<Spending, 'count' | 'perMinute'>,
  retryAfterMs: number | null,
): Failure {
  const budget = `Of the ${String(perMinute)} processes a minute that may be killed on ${tellBudget(target)}, ${String(left)} are left`;
  const asked = `${String(count)} were asked for: nothing was sent.`;
  if (count > perMinute) {
    return new Failure('kill-budget-exhausted', `${budget}, and ${asked} Ask for fewer at once.`, {
      retryAfterMs: Infinity,
    });
  }
  return new Failure('kill-budget-exhausted', `${budget}, and ${asked}`, { retryAfterMs: retryAfterMs ?? 60_000 });
}

function flushInProgress(target: string, operation: string): Failure {
  const message = `"${target}" is being flushed by ${operation}: a second flush can begin once that has ended.`;
  return new Failure('flush-in-progress', message, { blockedBy: operation });
}

/** The first request under a key has not been answered yet. */
function inProgress(operation: string): Failure {
  const message = `The same request is being carried out by ${operation}, and is not answered yet.`;
  return new Failure('request-in-progress', message, { blockedBy: operation });
}

/** A plan that was used, or is too old, or is not the caller's, or never was. */
export function planGone(id: string): Failure {
  const name = JSON.stringify(id.slice(0, 64));
  return new Failure('plan-gone', `There is no plan ${name} for you to use any more: make a dry run again.`);
}

/**
 * The operation that a request repeats; undefined if its key is free. Throws Failure if another request came under the
 * key, if the first one has not been answered yet, or if what came of it is not kept any more.
 */
export async function findRepeated(journal: Journal, key: Claim, now: number): Promise<Operation | undefined> {
  const held = await journal.held(key.scope, key.name, now);
  if (!held) return undefined;
  if (held.fingerprint !== key.fingerprint) {
    const message = 'Another request came under this Idempotency-Key: use a new key for a new request.';
    throw new Failure('idempotency-key-reused', message, { blockedBy: held.operation });
  }
  const kept = await journal.read(held.operation);
  if (!kept) throw forgotten(held.operation);
  const [prepared] = kept.events;
  const isUnanswered = prepared?.is === 'prepared' && now < prepared.answerBy;
  if (kept.operation.state === 'running' && isUnanswered) throw inProgress(held.operation);
  return kept.operation;
}

/** It was carried out, and is not carried out again. There is nothing left that could be followed. */
function forgotten(operation: string): Failure {
  const message = `The same request was carried out by ${operation}, whose record is not kept any more: it was not repeated.`;
  return new Failure('outcome-unknown', message, { sent: 'perhaps' });
}
