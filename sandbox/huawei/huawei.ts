import type { Clock, Emulator } from '../exchange.ts';
import { createGaussdb } from './gaussdb/gaussdb.ts';
import { createGaussdbState } from './gaussdb/store.ts';
import type { GaussdbState } from './gaussdb/store.ts';
import { createAccessKeys } from './identity/accesskeys.ts';
import { createAuthentication } from './identity/authentication.ts';
import { createIam } from './identity/iam.ts';
import { createTokens } from './identity/tokens.ts';
import { DEFAULT_KNOBS } from './knobs.ts';
import type { HuaweiKnobs } from './knobs.ts';
import { createTaurusdbState } from './taurusdb/store.ts';
import type { TaurusdbState } from './taurusdb/store.ts';
import { createTaurusdb } from './taurusdb/taurusdb.ts';

/** What tests read and change without going through the vendor's API. */
export interface HuaweiState {
  /** May be changed at any time. */
  readonly knobs: HuaweiKnobs;
  readonly gaussdb: GaussdbState;
  readonly taurusdb: TaurusdbState;
  /** Ends all tokens issued so far: they need to be updated. */
  revokeTokens(): void;
  /** How many tokens IAM issued since the start or the last reset. */
  tokensIssued(): number;
}

/** The emulated cloud: its services share one account and one project. */
export interface Huawei {
  readonly iam: Emulator;
  readonly gaussdb: Emulator;
  readonly taurusdb: Emulator;
  readonly state: HuaweiState;
  /** Back to the seed: knobs, tokens, locks and sessions. */
  reset(): void;
}

/** A cloud with seeded instances; everything in it happens on the given clock. */
export function createHuawei(options: { clock: Clock } & Partial<HuaweiKnobs>): Huawei {
  const { clock, ...chosen } = options;
  const knobs = { ...DEFAULT_KNOBS, ...chosen };
  const tokens = createTokens(clock, knobs);
  const accessKeys = createAccessKeys(clock, knobs);
  const authenticate = createAuthentication(tokens, accessKeys);
  const iam = createIam(clock, knobs, tokens);
  const gaussdb = createGaussdbState(clock);
  const taurusdb = createTaurusdbState(clock);
  return {
    iam,
    gaussdb: createGaussdb(authenticate, gaussdb),
    taurusdb: createTaurusdb(authenticate, clock, taurusdb),
    state: {
      knobs,
      gaussdb,
      taurusdb,
      revokeTokens: () => {
        tokens.revokeAll();
      },
      tokensIssued: () => tokens.issued(),
    },
    reset: () => {
      Object.assign(knobs, DEFAULT_KNOBS, chosen);
      tokens.reset();
      accessKeys.reset();
      iam.reset();
      gaussdb.reset();
      taurusdb.reset();
    },
  };
}
