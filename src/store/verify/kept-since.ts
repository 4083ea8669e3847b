import { grownOld, leastKeptMs } from '../sql/seal-format.js';
import { keptSealOf, type KeptSeal } from './judge-seal.js';
import type { StoreReader } from './store-reader.js';
import type { VerifyStatements } from './verify-texts.js';

/** From when on all is kept, in milliseconds since the epoch: what is older may be missing. */
interface Since {
  readonly operations: number;
  readonly dryRuns: number;
}

/** What may be missing because of age or size. */
export interface KeptSince {
  /** As the store says. */
  readonly told: Since;
  /** As far as the last seal says so, and the time since. */
  readonly sealed: Since;
  /** The first seal that is kept. */
  readonly firstSeal: number;
}

/** A dry run is not kept for long. */
const leastDryRunMs = 900_000;

/** Reads what may be missing from a store. */
export async function readKeptSince(reader: StoreReader, sql: VerifyStatements, now: number): Promise<KeptSince> {
  const [row = {}] = await reader.read(sql.prunings({}));
  const [last] = await reader.read(sql.lastSeal({}));
  const says = last && keptSealOf(last).says;
  const sealedSince = (time: string | null | undefined, leastMs: number): number =>
    (says && grownOld(millisecondsOf(time), Date.parse(says.at), now)) ?? now - leastMs;
  const since = (operations: number, dryRuns: number): Since => ({
    operations,
    dryRuns: Math.max(operations, dryRuns),
  });
  return {
    told: since(Number(row['kept_since'] ?? -Infinity), Number(row['dry_runs_kept_since'] ?? -Infinity)),
    sealed: since(sealedSince(says?.keptSince, leastKeptMs), sealedSince(says?.dryRunsKeptSince, leastDryRunMs)),
    firstSeal: Number(row['first_seal'] ?? 1),
  };
}

/** Does a seal tell more to be deleted than time alone makes too old, since the one before it? */
export function isJump({ says: before }: KeptSeal, { says }: KeptSeal): boolean {
  const [earlier, later] = [millisecondsOf(before?.keptSince), millisecondsOf(says?.keptSince)];
  if (earlier === null || later === null || !before || !says) return false;
  return later > (grownOld(earlier, Date.parse(before.at), Date.parse(says.at)) ?? later);
}

function millisecondsOf(time: string | null | undefined): number | null {
  return typeof time === 'string' ? Date.parse(time) : null;
}
