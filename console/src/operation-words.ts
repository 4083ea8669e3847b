/** What an operation is called. */
export const kindWords: Readonly<Record<string, string>> = {
  'processes.kill': 'Kill',
  'sessions.flush': 'Flush',
  'sessions.tune': 'Tune',
};

/** States whose names are no words. */
export const stateNames: Readonly<Record<string, string>> = { awaitingApproval: 'awaiting approval' };

/** What a state means. */
export const stateWords: Readonly<Record<string, string>> = {
  running: 'It goes on whether you watch or not.',
  succeeded: 'All that was asked for was done.',
  partial: 'Something was done, and something was not: see below.',
  failed: 'Nothing was done.',
  unknown: 'It was sent, and no answer says what came of it.',
  planned: 'Nothing was sent.',
  awaitingApproval: 'It waits for the approval of somebody else. Nothing was sent.',
  rejected: 'It was not approved, or was taken back. Nothing was sent.',
  expired: 'It was not approved in time. Nothing was sent.',
};

/** What was said of an operation that waited for an approval. */
export const decisionWords = {
  approved: 'Approved',
  rejected: 'Rejected',
  withdrawn: 'Taken back',
  expired: 'Not approved in time',
} as const;

/** What the state of a drain means. */
export const drainWords: Readonly<Record<string, string>> = {
  watching: 'Marked sessions end when their application releases them.',
  drained: 'All marked sessions have logged out.',
  ended: 'The watch is over, and some have not logged out.',
  unknown: 'This installation does not tell who has logged out.',
};

/** What is counted. */
export const countWords = {
  ended: 'ended',
  deferred: 'marked to end',
  notFound: 'gone already',
  skipped: 'left alone',
  failed: 'failed',
  unknown: 'unknown',
  wouldEnd: 'would end',
} as const;
