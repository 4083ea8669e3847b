import type { Lease } from '../../core/record/journal.js';
import type { Doubtful } from './doubtful.js';
import { storable, type Values } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Keeps all that the owner of a lease works on; what is doubtful nobody works on. */
export async function renewLeases(tables: Tables, sql: Statements, lease: Lease, doubtful: Doubtful): Promise<void> {
  await tables.change('leases', sql.renew(valuesOf(lease, doubtful)));
}

/** Takes over what nobody keeps any more, at most so many, and gives their ids. */
export async function adoptLeases(
  tables: Tables,
  sql: Statements,
  lease: Lease,
  doubtful: Doubtful,
  limit: number,
): Promise<readonly string[]> {
  const values = { ...valuesOf(lease, doubtful), limit };
  // What this process works on is not up for adoption, even if it was kept from saying so in time.
  const ids = (await tables.change('leases', sql.renew(values), sql.adopt(values))).map(({ id }) => String(id));
  for (const id of ids) doubtful.delete(id);
  return ids.toSorted();
}

function valuesOf({ owner, now, until }: Lease, doubtful: Doubtful): Values {
  return { owner: storable(owner), now, leaseMs: until - now, doubtful: doubtful.asJson };
}
