import type { Arrived } from '../../exchange.ts';
import { PROJECT } from '../account.ts';
import { Refusal } from '../refusal.ts';
import { unauthentic } from './accesskeys.ts';
import type { AccessKeys } from './accesskeys.ts';
import { headerText } from './canonical.ts';
import type { Tokens } from './tokens.ts';

/** Throws the front gateway's refusal of a request without good credentials for this region. */
export type Authenticate = (arrived: Arrived) => void;

/** Takes a token or a signature, and refuses a request that brings both. */
export function createAuthentication(tokens: Tokens, accessKeys: AccessKeys): Authenticate {
  return (arrived) => {
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
    if (!known.valid || known.grant.projectId !== PROJECT.id) {
      throw new Refusal(401, 'APIGW.0307', 'The token must be updated.');
    }
  };
}
