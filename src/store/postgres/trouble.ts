import pg from 'pg';
import type { StoreTrouble, StoreTroubleReason } from '../../core/record/store-trouble.js';

/** The beginnings of SQLSTATE codes, the longer before the shorter. */
const reasons: readonly (readonly [string, StoreTroubleReason])[] = [
  ['25006', 'read-only'],
  ['53100', 'full'],
  ['42501', 'refused'],
  ['57014', 'busy'],
  ['XX001', 'damaged'],
  ['XX002', 'damaged'],
  ['08', 'unreachable'],
  ['57P', 'unreachable'],
  ['28', 'refused'],
  ['3D', 'refused'],
  ['3F', 'refused'],
  ['40', 'busy'],
  ['53', 'busy'],
  ['55P03', 'busy'],
];

/** Why PostgreSQL cannot be used, from what was thrown. */
export function troubleOf(thrown: unknown): StoreTrouble {
  const state = stateOf(thrown);
  if (state !== undefined) {
    const [, reason = 'other'] = reasons.find(([start]) => state.startsWith(start)) ?? [];
    return { engine: 'PostgreSQL', reason, code: state };
  }
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
  const isLate = thrown instanceof Error && /time|too long/i.test(thrown.message);
  return { engine: 'PostgreSQL', reason: isLate ? 'timeout' : 'unreachable', code };
}

/** The code of an error that the server told; undefined if it told nothing. */
export function stateOf(thrown: unknown): string | undefined {
  return thrown instanceof pg.DatabaseError ? thrown.code : undefined;
}

/** Nobody can say what became of a statement: the server said nothing, or that it goes away. */
export function isLost(thrown: unknown): boolean {
  const state = stateOf(thrown);
  return state === undefined || state.startsWith('08') || state.startsWith('57P');
}
