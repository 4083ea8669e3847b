import type { Row } from '../database.js';
import type { SealMember } from '../sql/seal-format.js';
import type { AuditSeals } from './audit-seals.js';
import type { Finding, VerifiedCounts } from './findings.js';
import { judgeChain, judgeSealed } from './judge-entries.js';
import { judgeFacts } from './judge-facts.js';
import { judgeMembers, judgeSeal, keptSealOf, memberOfRow, sealFinding, type KeptSeal } from './judge-seal.js';
import { isJump, readKeptSince, type KeptSince } from './kept-since.js';
import { readKept, type KeptAll } from './kept-operations.js';
import type { StoreReader } from './store-reader.js';
import { verifyStatementsFor, type VerifyStatements } from './verify-texts.js';

/** How much is read at once. */
const [sealsAtOnce, operationsAtOnce] = [100, 50];
/** What is sealed later than this after its end was kept from it, or was added with an earlier time. */
const lateMs = 600_000;

/** A store whose tables are older than seals. */
export class NoSeals extends Error {
  override readonly name = 'NoSeals';
}

/** Verifies a store from its first seal to what is in none yet, a little at a time. Each finding is given once. */
export class Verification {
  readonly counts: VerifiedCounts = {
    ...{
      seals: 0,
      sealed: 0,
      entries: 0,
      pruned: 0,
      unannounced: 0,
      jumps: 0,
      waiting: 0,
      older: 0,
      late: 0,
      compared: 0,
    },
  };
  /** The last seal there is. */
  last: KeptSeal | null = null;
  /** What may be missing because of age or size; null before it was read. */
  kept: KeptSince | null = null;
  readonly #reader: StoreReader;
  readonly #sql: VerifyStatements;
  readonly #log: AuditSeals | null;

  readonly #now: number;

  constructor(reader: StoreReader, log: AuditSeals | null, now: number) {
    this.#reader = reader;
    this.#now = now;
    this.#sql = verifyStatementsFor(reader.dialect);
    this.#log = log;
  }

  /** All that is wrong, in the order of seals. Throws NoSeals if the store has no tables for them. */
  async *findings(): AsyncGenerator<Finding> {
    await this.#assertSeals();
    const kept = await readKeptSince(this.#reader, this.#sql, this.#now);
    this.kept = kept;
    yield* this.#judgeSeals(kept);
    yield* this.#judgeUnsealed();
    yield* this.#judgeLoose();
  }

  async #assertSeals(): Promise<void> {
    const [row] = await this.#reader.read(this.#sql.hasSeals({}));
    if (!row) throw new NoSeals('This store has no tables for seals: no release that makes them has opened it.');
  }

  async *#judgeSeals(kept: KeptSince): AsyncGenerator<Finding> {
    let first: KeptSeal | null = null;
    for await (const seal of this.#seals()) {
      first ??= seal;
      if (seal === first && seal.number > kept.firstSeal) {
        yield sealFinding('removed', kept.firstSeal, `Seal ${String(seal.number)} is the first that is there.`);
      }
      const wrong = judgeSeal(seal, this.last) ?? this.#judgeLogged(seal);
      if (this.last && isJump(this.last, seal)) this.counts.jumps += 1;
      if (wrong) yield wrong;
      this.counts.seals += 1;
      this.last = seal;
      yield* this.#judgeMembers(seal, kept);
    }
    const says = this.last?.says;
    if (says && Date.parse(says.keptSince ?? '') > kept.told.operations) {
      yield sealFinding('changed', says.number, 'It says that less is kept than the store does.');
    }
    const { operations } = kept.told;
    const missing = this.#log?.judgeMissing(first?.number ?? 1, this.last?.number ?? 0, operations);
    if (missing) yield missing;
  }

  async *#seals(): AsyncGenerator<KeptSeal> {
    for (let after = 0; ;) {
      const rows = await this.#reader.read(this.#sql.seals({ after, limit: sealsAtOnce }));
      yield* rows.map(keptSealOf);
      if (rows.length < sealsAtOnce) return;
      after = Number(rows.at(-1)?.['number']);
    }
  }

  #judgeLogged({ number, hash }: KeptSeal): Finding | null {
    if (!this.#log?.has(number)) return null;
    this.counts.compared += 1;
    return this.#log.judge(number, hash);
  }

  async *#judgeMembers(seal: KeptSeal, kept: KeptSince): AsyncGenerator<Finding> {
    const rows = await this.#reader.read(this.#sql.members({ number: seal.number }));
    const wrong = judgeMembers(
      seal,
      rows.map(({ body }) => String(body)),
    );
    if (wrong) yield wrong;
    const members = rows.flatMap((row) => memberOfRow(row) ?? []);
    for (let at = 0; at < members.length; at += operationsAtOnce) {
      const some = members.slice(at, at + operationsAtOnce);
      const ids = some.map(({ operation }) => operation);
      const all = await readKept(this.#reader, this.#sql, ids);
      for (const member of some) {
        const finding = this.#judgeMember(member, all(member.operation), seal, kept);
        if (finding) yield finding;
      }
    }
  }

  #judgeMember(member: SealMember, { entries, facts }: KeptAll, seal: KeptSeal, kept: KeptSince): Finding | null {
    const { operation, createdAt, dryRun } = member;
    const about = { operation, seal: seal.number };
    if (!facts) {
      const kind = dryRun === 1 ? 'dryRuns' : 'operations';
      const detail = 'The seal holds it, and it is too young to be deleted because of age or size.';
      if (createdAt >= kept.told[kind]) return { ...about, what: 'operation', is: 'removed', event: null, detail };
      this.counts.pruned += 1;
      if (createdAt >= kept.sealed[kind]) this.counts.unannounced += 1;
      return null;
    }
    this.counts.sealed += 1;
    this.counts.entries += entries.length;
    const { created_at, dry_run, ended_at } = facts.row;
    if (typeof ended_at === 'number' && Number(seal.row['at']) - ended_at > lateMs) this.counts.late += 1;
    const event = judgeSealed(operation, entries, member);
    if (event) return { ...about, what: 'event', ...event };
    if (created_at !== createdAt || dry_run !== dryRun) {
      const detail = 'When it was created is not what was sealed.';
      return { ...about, what: 'operation', is: 'changed', event: null, detail };
    }
    const fact = judgeFacts(entries, facts);
    return fact && { ...about, event: null, ...fact };
  }

  async *#judgeUnsealed(): AsyncGenerator<Finding> {
    for (let after = ''; ;) {
      const rows = await this.#reader.read(this.#sql.unsealed({ after, limit: operationsAtOnce }));
      const ids = rows.map(({ id }) => String(id));
      const all = await readKept(this.#reader, this.#sql, ids, rows);
      for (const row of rows) {
        const finding = this.#judgeUnheld(row, all(String(row['id'])));
        if (finding) yield finding;
      }
      if (rows.length < operationsAtOnce) return;
      after = ids.at(-1) ?? after;
    }
  }

  #judgeUnheld(row: Row, { entries, facts }: KeptAll): Finding | null {
    const about = { operation: String(row['id']), seal: null };
    const waits = row['waits'] === 1;
    const isOlder = !waits && (entries[0]?.hash ?? null) === null;
    if (isOlder) this.counts.older += 1;
    else this.counts.waiting += 1;
    const event = isOlder && entries.length === 0 ? null : judgeChain(about.operation, entries);
    if (event) return { ...about, what: 'event', ...event };
    if (!waits && !isOlder) {
      const detail =
        'It is in no seal, and does not wait for one: what held it was removed, or it was written by hand.';
      return { ...about, what: 'operation', is: 'added', event: null, detail };
    }
    const fact = facts && judgeFacts(entries, facts);
    return fact && { ...about, event: null, ...fact };
  }

  async *#judgeLoose(): AsyncGenerator<Finding> {
    const [loose] = await this.#reader.read(this.#sql.loose({}));
    if (loose) {
      const detail = 'It is of an operation that is not there.';
      const about = { operation: String(loose['operation']), event: Number(loose['seq']), seal: null };
      yield { ...about, what: 'event', is: 'added', detail };
    }
    const [unheld] = await this.#reader.read(this.#sql.unheld({}));
    if (unheld) yield sealFinding('removed', Number(unheld['seal']), `It held ${String(unheld['operation'])}.`);
  }
}
