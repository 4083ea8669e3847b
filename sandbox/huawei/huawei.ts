import type { Clock, PromptEmulator } from '../exchange.ts';
import { createActions } from './actions.ts';
import type { HuaweiActions } from './actions.ts';
import { createAccessKeys } from './identity/accesskeys.ts';
import { createAuthentication } from './identity/authentication.ts';
import { createIam } from './identity/iam.ts';
import { createTokens } from './identity/tokens.ts';
import { DEFAULT_KNOBS } from './knobs.ts';
import type { HuaweiKnobs } from './knobs.ts';
import { createServices } from './services.ts';
import type { HuaweiServiceName } from './services.ts';
import type { HuaweiState } from './state.ts';

/** The emulated cloud: its services share one account and one project. */
export interface Huawei extends Readonly<Record<HuaweiServiceName | 'iam', PromptEmulator>> {
  /** For tests; `actions` does the same and more by name, with JSON in and out. */
  readonly state: HuaweiState & { readonly actions: HuaweiActions };
  /** Back to the seed: knobs, tokens, locks, jobs and all connections. */
  reset(): void;
}

/** A cloud with seeded instances; everything in it happens on the given clock. */
export function createHuawei(options: { clock: Clock } & Partial<HuaweiKnobs>): Huawei {
  const { clock, ...chosen } = options;
  const knobs = { ...DEFAULT_KNOBS, ...chosen };
  const tokens = createTokens(clock, knobs);
  const accessKeys = createAccessKeys(clock, knobs);
  const { identify, authenticate } = createAuthentication(tokens, accessKeys);
  const endpoints = new Map<string, string>();
  const iam = createIam(clock, knobs, { tokens, identify, endpoints });
  const { states, emulators } = createServices(authenticate, clock, knobs);
  const reset = (): void => {
    Object.assign(knobs, DEFAULT_KNOBS, chosen);
    for (const part of [tokens, accessKeys, iam, ...Object.values(states)]) part.reset();
  };
  const state = {
    ...states,
    knobs,
    endpoints,
    revokeTokens: (): void => {
      tokens.revokeAll();
    },
    tokensIssued: () => tokens.issued(),
  };
  return { iam, ...emulators, state: { ...state, actions: createActions(state, reset) }, reset };
}
