import type { ActionInput } from '../frame/admin.ts';
import type { Identity } from './identity.ts';

/**
 * What a person may ask of the identity server: a token (`sub`, `groups`, `audience`, `expiresIn`, any claim), new
 * keys.
 */
export function identityActions(identity: Identity) {
  return {
    async token(input: ActionInput) {
      return { token: await identity.token(input) };
    },
    async rotate() {
      await identity.rotate();
      return { jwks: identity.jwks };
    },
  };
}
