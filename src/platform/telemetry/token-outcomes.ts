/** What may become of asking for a token. */
export const tokenOutcomes = [
  'ok',
  'upstream-rejected',
  'upstream-malformed',
  'upstream-unavailable',
  'upstream-throttled',
  'upstream-timeout',
  'overloaded',
] as const;
