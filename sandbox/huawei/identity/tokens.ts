import { randomBytes } from 'node:crypto';
import type { Clock } from '../../exchange.ts';
import type { HuaweiKnobs } from '../knobs.ts';

/** What a token was issued for. */
export interface TokenGrant {
  /** Null if the token is scoped to the domain or to nothing. */
  readonly projectId: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The tokens that IAM issued; a new one does not end the old ones. */
export interface Tokens {
  issue(projectId: string | null): { readonly token: string; readonly grant: TokenGrant };
  /** What is known of a token: nothing if IAM never issued it. */
  look(token: string): { readonly grant: TokenGrant; readonly valid: boolean } | undefined;
  /** Ends all tokens issued so far, as a password change does. */
  revokeAll(): void;
  /** How many tokens were issued since the start or the last reset. */
  issued(): number;
  reset(): void;
}

/** An empty token store. */
export function createTokens(clock: Clock, knobs: HuaweiKnobs): Tokens {
  const grants = new Map<string, TokenGrant>();
  const revoked = new Set<string>();
  return {
    issue: (projectId) => {
      const grant = { projectId, issuedAt: clock(), expiresAt: clock() + knobs.tokenLifetimeMs };
      const token = tokenText(knobs.tokenBytes);
      grants.set(token, grant);
      return { token, grant };
    },
    look: (token) => {
      const grant = grants.get(token);
      return grant && { grant, valid: !revoked.has(token) && clock() < grant.expiresAt };
    },
    revokeAll: () => {
      for (const token of grants.keys()) revoked.add(token);
    },
    issued: () => grants.size,
    reset: () => {
      grants.clear();
      revoked.clear();
    },
  };
}

function tokenText(bytes: number): string {
  const length = Math.max(bytes, 64);
  return `MII${randomBytes(length).toString('base64').replaceAll('/', '-')}`.slice(0, length);
}
