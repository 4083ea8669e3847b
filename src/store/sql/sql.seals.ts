import type { Seal, Sealing, Seals } from '../../core/record/seals.js';
import type { Row } from '../database.js';
import {
  digestOf,
  grownOld,
  leastKeptMs,
  memberOf,
  writeSeal,
  type ChainedEntry,
  type SealMember,
} from './seal-format.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** The chain of seals, in the tables: of two replicas that make the same seal, one finds its number taken. */
export class SqlSeals implements Seals {
  readonly #tables: Tables;
  readonly #sql: Statements;

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  async sealNext(now: number, limit: number): Promise<Sealing> {
    const [last = {}] = await this.#tables.read('keep', this.#sql.lastSeal({ now }));
    const at = Number(last['now']);
    const due = await this.#tables.read('keep', this.#sql.due({ limit }));
    if (due.length === 0 && !(await this.#isMoreDeleted(last, at))) return { is: 'done', at };
    const ids = JSON.stringify(due.map(({ id }) => String(id)));
    const members = membersOf(due, await this.#tables.read('keep', this.#sql.entriesOf({ ids })));
    const texts = members.map((member) => JSON.stringify(member));
    const newestAt = members.length === 0 ? at : Math.max(...members.map(({ createdAt }) => createdAt));
    const number = Number(last['number'] ?? 0) + 1;
    const { body, made } = writeSeal({
      number,
      at: new Date(at).toISOString(),
      previous: typeof last['hash'] === 'string' ? last['hash'] : null,
      operations: members.length,
      digest: digestOf(texts),
      newestAt: new Date(newestAt).toISOString(),
      keptSince: timeOf(last['kept_since']),
      dryRunsKeptSince: timeOf(last['dry_runs_kept_since']),
      firstSeal: Number(last['first_seal'] ?? 1),
    });
    const written = await this.#tables.write('keep', [
      { statement: this.#sql.addSeal({ number, at, newestAt, body, hash: made.hash }) },
      { statement: this.#sql.addMembers({ number, members: JSON.stringify(texts) }) },
      { statement: this.#sql.deleteUnsealed({ ids }) },
    ]);
    return written.is === 'written' ? { is: 'sealed', seal: made } : { is: 'elsewhere' };
  }

  /** More was deleted than the last seal and the time since tell: because of size, or a shorter retention. */
  async #isMoreDeleted({ number, at, kept_since }: Row, now: number): Promise<boolean> {
    if (typeof number !== 'number' || typeof kept_since !== 'number') return false;
    const [row] = await this.#tables.read('keep', this.#sql.sealText({ number }));
    const { keptSince } = JSON.parse(String(row?.['body'])) as Seal;
    const sealed = keptSince === null ? null : Date.parse(keptSince);
    return kept_since > (grownOld(sealed, Number(at), now) ?? now - leastKeptMs);
  }

  async last(now: number): Promise<{ readonly at: number | null; readonly now: number }> {
    const [row = {}] = await this.#tables.read('keep', this.#sql.lastSeal({ now }));
    return { at: typeof row['at'] === 'number' ? row['at'] : null, now: Number(row['now']) };
  }

  async waiting(): Promise<number> {
    const [row] = await this.#tables.read('keep', this.#sql.countDue({}));
    return Number(row?.['count']);
  }
}

function membersOf(due: readonly Row[], entries: readonly Row[]): readonly SealMember[] {
  const byOperation = Map.groupBy(entries, ({ operation }) => String(operation));
  return due.map(({ id, created_at, dry_run }) =>
    memberOf(String(id), (byOperation.get(String(id)) ?? []).map(entryOf), {
      createdAt: Number(created_at),
      dryRun: Number(dry_run),
    }),
  );
}

/** An entry of the table. */
export function entryOf({ seq, hash, record_hash, body }: Row): ChainedEntry {
  return { seq: Number(seq), hash: textOf(hash), recordHash: textOf(record_hash), body: textOf(body) };
}

function textOf(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function timeOf(value: Row[string] | undefined): string | null {
  return typeof value === 'number' ? new Date(value).toISOString() : null;
}
