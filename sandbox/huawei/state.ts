import type { HuaweiKnobs } from './knobs.ts';
import type { ServiceStates } from './services.ts';

/** What tests read and change without going through the vendor's API. */
export interface HuaweiState extends ServiceStates {
  /** May be changed at any time. */
  readonly knobs: HuaweiKnobs;
  /** Where the services listen, by the names that IAM's catalog has for them. */
  readonly endpoints: Map<string, string>;
  /** Ends all tokens issued so far: they need to be updated. */
  revokeTokens(): void;
  /** How many tokens IAM issued since the start or the last reset. */
  tokensIssued(): number;
}
