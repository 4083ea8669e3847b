import type { Row } from '../database.js';
import { entryOf } from '../sql/sql.seals.js';
import type { KeptEntry } from './judge-entries.js';
import type { KeptFacts } from './judge-facts.js';
import type { StoreReader } from './store-reader.js';
import type { VerifyStatements } from './verify-texts.js';

/** All that is kept of an operation; no facts if its row is gone. */
export interface KeptAll {
  readonly entries: readonly KeptEntry[];
  readonly facts: KeptFacts | null;
}

/** Reads all that is kept of these operations: few at once, since each may be long. Rows that were read come along. */
export async function readKept(
  reader: StoreReader,
  sql: VerifyStatements,
  ids: readonly string[],
  known?: readonly Row[],
): Promise<(id: string) => KeptAll> {
  const values = { ids: JSON.stringify(ids) };
  const read = async (statement: keyof VerifyStatements, key = 'operation') =>
    Map.groupBy(await reader.read(sql[statement](values)), (row) => String(row[key]));
  const rows = known ? Map.groupBy(known, ({ id }) => String(id)) : await read('operations', 'id');
  const [entries, targets, processes] = [await read('entries'), await read('targets'), await read('processes')];
  return (id) => {
    const [row] = rows.get(id) ?? [];
    return {
      entries: (entries.get(id) ?? []).map((entry) => ({ ...entryOf(entry), body: String(entry['body']) })),
      facts: row
        ? {
            row,
            targets: (targets.get(id) ?? []).map(({ target }) => String(target)),
            processes: (processes.get(id) ?? []).map(({ process_id }) => String(process_id)),
          }
        : null,
    };
  };
}
