import type { Pruned, Retention, Usage } from '../../core/record/retention.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Deletes what is too old or has ended, at most so many of each at once. */
export async function pruneOld(tables: Tables, sql: Statements, retention: Retention, limit: number): Promise<Pruned> {
  const { now, before, dryRunsBefore } = retention;
  const values = { now, before, dryRunsBefore, limit };
  const deleted: number[] = [];
  for (const statement of [sql.old, sql.oldDryRuns]) {
    const old = await tables.read('keep', statement(values));
    await deleteOperations(
      tables,
      sql,
      old.map(({ id }) => String(id)),
    );
    deleted.push(old.length);
  }
  const operations = deleted.reduce((sum, count) => sum + count, 0);
  for (const statement of [sql.deleteAbandoned, sql.deleteExpired, sql.deleteKills, sql.deleteFreezes]) {
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
  let freed = 0;
  for (const row of await tables.read('keep', sql.oldest({ limit }))) {
    if (freed >= bytes) break;
    ids.push(String(row['id']));
    freed += Number(row['bytes']);
  }
  await deleteOperations(tables, sql, ids);
  return ids.length;
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
