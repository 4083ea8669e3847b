import type { Claim, Held, Opened } from '../../core/record/journal.js';
import { leftOf, type Kills } from '../budget.js';
import type { Row } from '../database.js';
import type { OpeningStep } from './steps.js';

/** Why an operation does not begin, from the step that was refused and the rows that tell why. */
export function refusal(step: OpeningStep | undefined, rows: readonly Row[], now: number): Opened {
  const [row] = rows;
  if (step?.claim && row) return { is: 'held', held: heldOf(row) };
  if (!step?.spending) throw new TypeError('A step was refused that cannot be.');
  const { target, count, perMinute } = step.spending;
  return { is: 'spent', target, ...leftOf(rows.map(killsOf), count, perMinute, now) };
}

/** A claim of the table. */
export function heldOf(row: Row): Held {
  return {
    scope: row['scope'] as Claim['scope'],
    name: String(row['name']),
    operation: String(row['operation']),
    fingerprint: typeof row['fingerprint'] === 'string' ? row['fingerprint'] : null,
    expiresAt: Number(row['expires_at']),
  };
}

/** Kills of the table. */
export function killsOf(row: Row): Kills {
  return { at: Number(row['at']), count: Number(row['count']) };
}
