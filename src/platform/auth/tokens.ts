import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Caller } from '../../core/model/caller.js';
import { Failure } from '../../core/model/failure.js';
import type { ClaimGrantConfig, JwtConfig } from './auth.config.js';
import { grantOf } from './grants.js';
import { issuerKeys } from './issuer-keys.js';

const longestToken = 16_384;
const defaultAlgorithms = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

interface Issuer {
  readonly config: JwtConfig;
  readonly keys: JWTVerifyGetKey;
}

/** Tells callers by a signed token, checked as RFC 8725 says. */
export class Tokens {
  readonly #issuers: readonly Issuer[];

  constructor(configs: readonly JwtConfig[]) {
    this.#issuers = configs.map((config) => ({ config, keys: issuerKeys(config.jwksUrl) }));
  }

  /** Throws Failure `unauthenticated` unless the token is valid now, `upstream-unavailable` if its keys cannot be had. */
  async callerOf(token: string, now: number): Promise<Caller> {
    const issuer = this.#issuerOf(token);
    const payload = await verify(token, issuer, now);
    return {
      name: `${String(payload.iss)}#${String(payload.sub)}`,
      grants: issuer.config.grants.filter((grant) => claims(payload, grant)).map(grantOf),
    };
  }

  #issuerOf(token: string): Issuer {
    const issuer = this.#issuers.find(({ config }) => config.issuer === issuerClaim(token));
    if (!issuer) throw new Failure('unauthenticated', 'The token is not of an issuer that is trusted here.');
    return issuer;
  }
}

/** Is it base64url in the one way that there is? Otherwise one token has several spellings, with padding or unused bits. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

function issuerClaim(token: string): string | undefined {
  if (token.length > longestToken) throw new Failure('unauthenticated', 'The token is too long.');
  if (!token.split('.').every(isCanonical)) throw new Failure('unauthenticated', 'The token cannot be read.');
  try {
    return decodeJwt(token).iss;
  } catch {
    throw new Failure('unauthenticated', 'The token cannot be read.');
  }
}

async function verify(token: string, { config, keys }: Issuer, now: number): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: config.issuer,
      audience: config.audience,
      algorithms: config.algorithms ?? defaultAlgorithms,
      requiredClaims: ['iss', 'aud', 'exp', 'sub'],
      currentDate: new Date(now),
    });
    if (typeof payload.sub !== 'string' || payload.sub === '') throw new errors.JWTInvalid('no subject');
    return payload;
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired)
      throw new Failure('unauthenticated', 'The token has expired.', { cause: thrown });
    if (isAboutToken(thrown)) throw new Failure('unauthenticated', 'The token is not valid.', { cause: thrown });
    throw new Failure('upstream-unavailable', 'The keys of the token issuer cannot be had at the moment.', {
      cause: thrown,
    });
  }
}

/** jose names what is wrong with a token; what it does not name, or names so, is the way to the keys. */
function isAboutToken(thrown: unknown): boolean {
  const aboutKeys = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];
  return thrown instanceof errors.JOSEError && !aboutKeys.includes(thrown.code);
}

function claims(payload: JWTPayload, { claim, value }: ClaimGrantConfig): boolean {
  const held = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  return held === value || (Array.isArray(held) && held.includes(value));
}
