import { refusedKeptMs } from '../../core/record/refused-calls.js';
import type { Pruned, Retention, Usage } from '../../core/record/retention.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Deletes what is too old or has ended, at most so many of each at once. */
export async function pruneOld(tables: Tables, sql: Statements, retention: Retention, limit: number): Promise<Pruned> {
  const { now, before, dryRunsBefore } = retention;
  const refusedBefore = Math.max(before, now - refusedKeptMs);
  const values = { now, before, dryRunsBefore, refusedBefore, limit };
  await tables.change('keep', sql.keptSince(values));
  const deleted = [await pruneSeals(tables, sql, limit)];
  for (const statement of [sql.old, sql.oldDryRuns]) {
    const old = await tables.read('keep', statement(values));
    await deleteOperations(
      tables,
      sql,
      old.map(({ id }) => String(id)),
    );
    deleted.push(old.length);
  }
  const operations = deleted.slice(1).reduce((sum, count) => sum + count, 0);
  for (const statement of [
    sql.deleteAbandoned,
    sql.deleteExpired,
    sql.deleteKills,
    sql.deleteFreezes,
    sql.deleteOrphans,
    sql.deleteRefused,
  ]) {
    deleted.push((await tables.change('keep', statement(values))).length);
  }
  return { operations, isDone: Math.max(...deleted) < limit };
}

/**
 * Deletes the oldest operations that are over, until so many bytes are free or so many are deleted. Gives how many it
 * deleted.
 */
export async function pruneOldest(tables: Tables, sql: Statements, bytes: number, limit: number): Promise<number> {
  const ids: string[] = [];
  let [freed, before] = [0, 0];
  for (const row of await tables.read('keep', sql.oldest({ limit }))) {
    if (freed >= bytes) break;
    ids.push(String(row['id']));
    freed += Number(row['bytes']);
    before = Math.max(before, Number(row['created_at']) + 1);
  }
  if (ids.length > 0) await tables.change('keep', sql.keptSince({ before, dryRunsBefore: before }));
  await deleteOperations(tables, sql, ids);
  return ids.length;
}

/** Deletes the oldest seals, if all they hold is too old: at most so many. Gives how many. */
async function pruneSeals(tables: Tables, sql: Statements, limit: number): Promise<number> {
  const [row = {}] = await tables.read('keep', sql.firstSeal({}));
  const was = Number(row['was'] ?? 1);
  const first = Math.min(Number(row['first_seal'] ?? 1), was + limit);
  if (first <= was) return 0;
  const values = { first };
  await tables.change('keep', sql.deleteMembers(values), sql.deleteSeals(values), sql.setFirstSeal(values));
  return first - was;
}

/** How much is kept. */
export async function usageOf(tables: Tables, sql: Statements): Promise<Usage> {
  const [row] = await tables.read('keep', sql.usage({}));
  const oldestAt = row?.['oldest_at'] ?? null;
  return {
    operations: Number(row?.['operations']),
    bytes: Number(row?.['bytes']),
    oldestAt: oldestAt === null ? null : Number(oldestAt),
  };
}

/** What is over stays over: nothing can be added between the reading and the deleting. */
async function deleteOperations(tables: Tables, sql: Statements, all: readonly string[]): Promise<void> {
  if (all.length === 0) return;
  const ids = { ids: JSON.stringify(all) };
  await tables.change(
    'keep',
    sql.deleteProcesses(ids),
    sql.deleteTargets(ids),
    sql.deleteEvents(ids),
    sql.deleteAcknowledgements(ids),
    sql.deleteUnsealed(ids),
    sql.deleteOperations(ids),
  );
}
