import { idKey } from '../model/ids.js';
import type { Process, ProcessState } from '../model/process.js';

/** Which of two states a process is taken for: the one in which ending it costs more. */
const states: readonly (ProcessState | null)[] = ['active', 'idleInTransaction', null, 'idle', 'offline'];

/**
 * One process a row: a vendor may list a session once for each of its threads, or once more because it moved to another
 * page. Two spellings of an id are one. Where the rows disagree, the protected one wins, then the one that is at work;
 * a text that they tell differently is not known.
 */
export function oneProcessEach(rows: readonly Process[]): readonly Process[] {
  const found = new Map<string, Process>();
  for (const row of rows) {
    const key = idKey(row.id);
    const known = found.get(key);
    found.set(key, known ? merged(known, row) : row);
  }
  return found.size === rows.length ? rows : [...found.values()];
}

function merged(known: Process, row: Process): Process {
  const [first, second] = comesFirst(row, known) ? [row, known] : [known, row];
  return {
    ...first,
    user: agreed(first.user, second.user),
    client: agreed(first.client, second.client),
    database: agreed(first.database, second.database),
    application: agreed(first.application, second.application),
    command: agreed(first.command, second.command),
    idleSeconds: clockOf(Math.min, first.idleSeconds, second.idleSeconds),
    busySeconds: clockOf(Math.min, first.busySeconds, second.busySeconds),
    ageSeconds: clockOf(Math.max, first.ageSeconds ?? second.ageSeconds, second.ageSeconds),
    transactionSeconds: clockOf(
      Math.max,
      first.transactionSeconds ?? second.transactionSeconds,
      second.transactionSeconds,
    ),
    waitEvent: first.waitEvent ?? second.waitEvent,
    blockedBy: first.blockedBy && second.blockedBy ? either(first.blockedBy, second.blockedBy) : first.blockedBy,
    statementId: first.statementId ?? second.statementId,
  };
}

function comesFirst(one: Process, other: Process): boolean {
  if ((one.protected === null) !== (other.protected === null)) return one.protected !== null;
  return states.indexOf(one.state) < states.indexOf(other.state);
}

function either(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}

function agreed(one: string | null, other: string | null): string | null {
  return one === null || other === null ? (one ?? other) : one === other ? one : null;
}

/** A session is as old as its oldest thread; what only one of two states counts is not for how long they were in it. */
function clockOf(choose: typeof Math.max, first: number | null, second: number | null): number | null {
  return first === null || second === null ? first : choose(first, second);
}
