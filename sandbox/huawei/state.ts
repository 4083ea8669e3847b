import type { DcsState } from './dcs/store.ts';
import type { GaussdbState } from './gaussdb/store.ts';
import type { HuaweiKnobs } from './knobs.ts';
import type { TaurusdbState } from './taurusdb/store.ts';

/** What tests read and change without going through the vendor's API. */
export interface HuaweiState {
  /** May be changed at any time. */
  readonly knobs: HuaweiKnobs;
  /** Where the services listen, by the names that IAM's catalog has for them. */
  readonly endpoints: Map<string, string>;
  readonly gaussdb: GaussdbState;
  readonly taurusdb: TaurusdbState;
  readonly dcs: DcsState;
  /** Ends all tokens issued so far: they need to be updated. */
  revokeTokens(): void;
  /** How many tokens IAM issued since the start or the last reset. */
  tokensIssued(): number;
}
