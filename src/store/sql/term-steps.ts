import type { Decision } from '../../core/record/approvals.js';
import type { Claim, Held, Lease, OpenResult, Spending, Terms } from '../../core/record/journal.js';
import { leftOf } from '../budget.js';
import { hashOfEntry } from './entry-hash.js';
import type { Row, WriteStep } from '../database.js';
import { storable, type Values } from './statement.js';
import type { Statements } from './statements.js';

/** A step of the beginning of an operation, and what it stands for if it can be refused. */
export interface OpeningStep extends WriteStep {
  readonly claim?: Claim;
  readonly spending?: Spending;
}

/** What takes an operation over that was approved, and writes its decision after the entry with this hash. */
export function approvingSteps(
  sql: Statements,
  { operation, from, events }: Decision,
  terms: Terms,
  lease: Lease,
  before: string,
): { readonly steps: readonly OpeningStep[]; readonly hash: string } {
  const body = JSON.stringify(events);
  const recordHash = null;
  const hash = hashOfEntry({ before, operation: storable(operation), seq: from, recordHash, body });
  const values: Values = {
    now: lease.now,
    operation: storable(operation),
    owner: storable(lease.owner),
    leaseMs: lease.until - lease.now,
    seq: from,
    body,
    hash,
    recordHash,
  };
  const steps = [
    { statement: sql.approve(values), must: true },
    ...termSteps(sql, terms, values, lease.now),
    { statement: sql.addEvents(values) },
  ];
  return { steps, hash };
}

/** What claims and spends, in one order, so that no two wait for each other. */
export function termSteps(sql: Statements, terms: Terms, values: Values, at: number): readonly OpeningStep[] {
  const claims = terms.claims.toSorted(by(({ scope, name }) => `${scope} ${name}`));
  const spending = terms.spending.filter(({ count }) => count > 0).toSorted(by(({ target }) => target));
  return [
    ...claims.map((claim): OpeningStep => {
      const claimed = { ...values, ...claimValues(claim, at) };
      return { claim, statement: sql.claim(claimed), must: true, otherwise: sql.held(claimed) };
    }),
    ...spending.flatMap((one): readonly OpeningStep[] => {
      const spent = { ...values, target: storable(one.target), count: one.count, perMinute: one.perMinute };
      return [
        { statement: sql.lockBudget(spent) },
        { spending: one, statement: sql.spend(spent), must: true, otherwise: sql.kills(spent) },
      ];
    }),
  ];
}

/** Why an operation does not begin, from the step that was refused and the rows that tell why. */
export function refusal(step: OpeningStep | undefined, rows: readonly Row[], now: number): OpenResult {
  const [row] = rows;
  if (step?.claim && row) return { is: 'held', held: heldOf(row, now) };
  if (!step?.spending) throw new TypeError('A step was refused that cannot be.');
  const { target, count, perMinute } = step.spending;
  const kills = rows.map((kill) => ({ at: now - Number(kill['age_ms']), count: Number(kill['count']) }));
  return { is: 'spent', target, ...leftOf(kills, count, perMinute, now) };
}

/** A claim of the table, by the clock of who asks. */
export function heldOf(row: Row, now: number): Held {
  return {
    scope: row['scope'] as Claim['scope'],
    name: String(row['name']),
    operation: String(row['operation']),
    fingerprint: typeof row['fingerprint'] === 'string' ? row['fingerprint'] : null,
    expiresAt: now + Number(row['left_ms']),
  };
}

/** A claim, as a statement takes it. */
export function claimValues({ scope, name, fingerprint, expiresAt }: Claim, now: number): Values {
  return { scope, name: storable(name), fingerprint, claimMs: expiresAt - now };
}

function by<Item>(key: (item: Item) => string): (left: Item, right: Item) => number {
  return (left, right) => (key(left) < key(right) ? -1 : 1);
}
