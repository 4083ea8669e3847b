import { accessOf, defaultPath } from '../open.js';
import type { StoreConfig } from '../store.config.js';
import { AuditSeals } from './audit-seals.js';
import type { Finding } from './findings.js';
import { reportOf, textOfReport, type VerifyReport } from './report.js';
import { readPostgres, readSqlite, type StoreReader } from './store-reader.js';
import { Verification } from './verify-record.js';

/** So many findings are told; all are counted. */
const mostTold = 100;

/** What is verified, and against what. */
export interface VerifyOptions {
  /** A file of SQLite, the URL of a PostgreSQL database, or what a configuration says. */
  readonly store: { readonly path: string } | { readonly url: string } | StoreConfig;
  /** A file with the seals of an audit log; null for none. */
  readonly seals: string | null;
  readonly json: boolean;
  /** What time it is, in milliseconds since the epoch: that of the process, if none is given. */
  readonly now?: number;
}

/** What came of it: whether the record is valid, and what to write. */
export interface Verified {
  readonly valid: boolean;
  readonly text: string;
}

/** Verifies the record of a store, which it only reads. Rejects if the store or the audit log cannot be read. */
export async function verifyStore({ store, seals, json, now = Date.now() }: VerifyOptions): Promise<Verified> {
  const log = seals === null ? null : await AuditSeals.read(seals);
  if (log?.size === 0) throw new Error(`${String(seals)} has no line of a seal: {"audit":"seal", …}.`);
  const reader = await openReader(store);
  try {
    const report = await verify(reader, log, now);
    const text = json ? JSON.stringify(report, null, 2) : textOfReport(report);
    return { valid: report.valid, text };
  } finally {
    await reader.close();
  }
}

async function verify(reader: StoreReader, log: AuditSeals | null, now: number): Promise<VerifyReport> {
  const verification = new Verification(reader, log, now);
  const told: Finding[] = [];
  let found = 0;
  for await (const finding of verification.findings()) {
    found += 1;
    if (told.length < mostTold) told.push(finding);
  }
  return reportOf(verification, told, found);
}

async function openReader(store: VerifyOptions['store']): Promise<StoreReader> {
  if ('path' in store) return readSqlite(store.path);
  if ('url' in store) return readPostgres({ connectionString: store.url });
  if (store.postgres) return readPostgres(accessOf(store.postgres)());
  if (store.memory) throw new Error('A store in memory is gone with its process: it proves nothing.');
  return readSqlite(store.sqlite?.path ?? defaultPath);
}
