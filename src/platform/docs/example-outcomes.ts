/** A moment of the examples, by its second. */
export const at = (second: string): string => `2026-11-21T03:00:${second}Z`;
/** Nothing of anything. */
export const none = { ended: 0, deferred: 0, notFound: 0, skipped: 0, failed: 0, unknown: 0, wouldEnd: 0 };

const session = {
  id: '2075425',
  node: 'primary',
  user: 'orders_app',
  client: '10.0.1.17:50001',
  database: 'orders',
  application: null,
  command: 'Sleep',
  state: 'idle',
  idleSeconds: 3604,
  busySeconds: null,
  ageSeconds: null,
  transactionSeconds: null,
  statementId: null,
};

/** One process as a look shows it. */
export const seenProcess = {
  ...session,
  target: 'orders',
  backend: 'taurusdb',
  waitEvent: null,
  blockedBy: null,
  statement: null,
  draining: null,
  protected: null,
};

/** The item of a process that was ended. */
export const endedItem = { ...session, outcome: 'ended', verified: false, lastSeenAt: null };

/** What most targets have nothing to tell of. */
export const outcome = {
  strategy: null,
  itemsOmitted: 0,
  items: [],
  calls: [],
  note: null,
  problem: null,
  drain: null,
};
const done = { state: 'succeeded', durationMs: 22, completed: true };
const vendorCall = { node: null, code: null, message: null, requestId: null, jobId: null };

/** A target of which one process was ended. */
export const killed = {
  ...outcome,
  ...done,
  target: 'orders',
  backend: 'taurusdb',
  effect: 'ended',
  counts: { ...none, ended: 1 },
  items: [endedItem],
  calls: [{ ...vendorCall, node: 'primary', call: 'delete-processes', requestId: '715079c6104ad1c4070b8a6cece32e35' }],
};
/** The same, where no answer came. */
export const unansweredTarget = {
  ...killed,
  state: 'unknown',
  effect: 'none',
  counts: { ...none, unknown: 1 },
  items: [{ ...endedItem, outcome: 'unknown' }],
  completed: false,
};
/** A pool whose busy ids end later. */
export const drained = {
  ...outcome,
  ...done,
  target: 'bi-pool',
  backend: '1010data',
  strategy: 'native',
  effect: 'deferred',
  counts: { ...none, ended: null, deferred: 1 },
  calls: [{ ...vendorCall, call: 'flushpool', code: '0', message: 'OK' }],
  note: 'Busy ids log out when their application releases them.',
  drain: {
    state: 'watching',
    remaining: 1,
    ids: ['acme_m1'],
    checkedAt: at('01.000'),
    until: '2026-11-21T04:00:01.000Z',
  },
  completed: false,
};
/** A cache whose clients were all ended. */
export const emptied = {
  ...outcome,
  ...done,
  target: 'carts',
  backend: 'dcs',
  strategy: 'native',
  effect: 'ended',
  counts: { ...none, ended: 9 },
  calls: [{ ...vendorCall, call: 'kill-all', requestId: '1c37f95a2a57c334d01b3312d46bef22' }],
};
/** A session whose parameters were set. */
export const set = {
  ...outcome,
  ...done,
  target: 'bi-user',
  backend: '1010data',
  effect: 'set',
  counts: none,
  calls: [{ ...vendorCall, call: 'session', code: '0', message: 'Session parameters set' }],
  note: 'The settings end with the session.',
};

/** What is counted while it still runs. */
export const open = { ...none, ended: null, deferred: null, unknown: null };

/** What a target is told as that still runs. */
export function stillRunning(target: { readonly strategy: string | null }): object {
  const still = { state: 'running', effect: 'none', durationMs: null, counts: open, completed: false };
  return { ...target, ...outcome, strategy: target.strategy, ...still };
}

/** A target that could not be reached. */
export const unreached = {
  ...emptied,
  ...outcome,
  target: 'ledger',
  backend: 'gaussdb',
  strategy: 'selective',
  state: 'failed',
  effect: 'none',
  counts: none,
  problem: {
    type: '/problems/upstream-unavailable',
    title: 'The vendor cannot be reached',
    status: 503,
    detail: 'The vendor could not be reached.',
    code: 'upstream-unavailable',
    retryable: true,
    retryAfterSeconds: 5,
  },
  completed: false,
};
