import { noFacts, type Process } from './process.js';
import type { Safeguards } from './safeguards.js';
import type { Target } from './target.js';

/** A process of which nothing is known. */
export const nobody: Process = {
  id: '1',
  target: 'orders',
  backend: 'taurusdb',
  node: null,
  ...noFacts,
  idleSeconds: null,
  busySeconds: null,
  ageSeconds: null,
  transactionSeconds: null,
  waitEvent: null,
  blockedBy: null,
  statementId: null,
  statement: null,
  draining: null,
  protected: null,
};

/** Safeguards that never stand in the way. */
export const noSafeguards: Safeguards = {
  readOnly: false,
  protect: [],
  maxProcesses: 10_000,
  maxShare: 1,
  killsPerMinute: 100_000,
  planSeconds: 120,
  reason: 'optional',
  approval: { forced: false, above: { processes: Infinity, share: Infinity }, most: 1000, waitMs: 1_800_000 },
};

/** What a target needs that protects nothing. */
export const unguarded: Pick<Target, 'safeguards' | 'protects'> = { safeguards: noSafeguards, protects: () => null };
