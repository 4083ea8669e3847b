import type { Arrived } from '../../exchange.ts';
import { PROJECT } from '../account.ts';
import { Refusal } from '../refusal.ts';
import { unauthentic } from './accesskeys.ts';
import type { AccessKeys } from './accesskeys.ts';
import { headerText } from './canonical.ts';
import type { Tokens } from './tokens.ts';

/** Throws the front gateway's refusal of a request without good credentials. */
export type Authenticate = (arrived: Arrived) => void;

/** Who may call IAM, and who the services of this region. */
interface Authentication {
  /** Any credentials of the account. */
  readonly identify: Authenticate;
  /** Credentials for the emulated project. */
  readonly authenticate: Authenticate;
}

/** Takes a token or a signature, and refuses a request that brings both. */
export function createAuthentication(tokens: Tokens, accessKeys: AccessKeys): Authentication {
  const check = (arrived: Arrived, fits: (projectId: string | null) => boolean): void => {
    const token = headerText(arrived, 'x-auth-token');
    const authorization = headerText(arrived, 'authorization');
    if (token && authorization) throw unauthentic('both X-Auth-Token and Authorization are given');
    if (authorization) {
      accessKeys.verify(arrived);
      return;
    }
    if (!token) throw unauthentic('x-auth-token not found');
    const known = tokens.look(token);
    if (!known) throw unauthentic('decrypt token fail');
    if (!known.valid || !fits(known.grant.projectId)) {
      throw new Refusal(401, 'APIGW.0307', 'The token must be updated.');
    }
  };
  return {
    identify: (arrived) => {
      check(arrived, () => true);
    },
    authenticate: (arrived) => {
      check(arrived, (projectId) => projectId === PROJECT.id);
    },
  };
}
