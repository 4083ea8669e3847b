import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { KnownCaller } from '../../core/model/caller.js';
import { Failure } from '../../core/model/failure.js';
import type { JwtConfig } from './auth.config.js';
import type { ClaimGrantConfig } from './grant.config.js';
import { grantOf } from './grants.js';
import { issuerKeys } from './issuer-keys.js';

const longestToken = 16_384;
const defaultLeewaySeconds = 30;
const defaultAlgorithms = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

interface Issuer {
  readonly config: JwtConfig;
  readonly keys: JWTVerifyGetKey;
}

/** Told whenever the keys of an issuer were read, or could not be. */
export type IssuerWatcher = (issuer: string, isRead: boolean) => void;

/** Tells callers by a signed token, checked as RFC 8725 says. */
export class Tokens {
  readonly #issuers: readonly Issuer[];

  /** The keys of issuers that were known before are taken over, so that nobody waits for them anew. */
  constructor(configs: readonly JwtConfig[], before?: Tokens, keysRead: IssuerWatcher = () => undefined) {
    this.#issuers = configs.map((config) => ({
      config,
      keys:
        before?.keysAt(config.jwksUrl) ??
        issuerKeys(config.jwksUrl, (isRead) => {
          keysRead(config.issuer, isRead);
        }),
    }));
  }

  /** The keys that are read from this address, if an issuer here has them. */
  keysAt(jwksUrl: string): JWTVerifyGetKey | undefined {
    return this.#issuers.find(({ config }) => config.jwksUrl === jwksUrl)?.keys;
  }

  /**
   * Throws Failure `unauthenticated` unless the token is valid now, `upstream-unavailable` if its keys cannot be had.
   */
  async callerOf(token: string, now: number): Promise<KnownCaller> {
    const issuer = this.#issuerOf(token);
    const payload = await verify(token, issuer, now);
    return {
      name: `${String(payload.iss)}#${String(payload.sub)}`,
      ...nameIn(payload, issuer.config.nameClaim),
      grants: issuer.config.grants.filter((grant) => claims(payload, grant)).map(grantOf),
      credential: 'token',
      expiresAt: Number(payload.exp) * 1000,
    };
  }

  #issuerOf(token: string): Issuer {
    const issuer = this.#issuers.find(({ config }) => config.issuer === issuerClaim(token));
    if (!issuer) throw new Failure('unauthenticated', 'The token is not of an issuer that is trusted here.');
    return issuer;
  }
}

/**
 * Is it base64url in the one way that there is? Otherwise one token has several spellings, with padding or unused bits.
 */
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
      clockTolerance: config.leewaySeconds ?? defaultLeewaySeconds,
      ...(config.typ === undefined ? {} : { typ: config.typ }),
    });
    if (typeof payload.sub !== 'string' || payload.sub === '') throw new errors.JWTInvalid('no subject');
    return payload;
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired)
      throw new Failure('unauthenticated', 'The token has expired.', { cause: thrown });
    if (thrown instanceof errors.JWTClaimValidationFailed)
      throw new Failure('unauthenticated', `The token is not valid: ${claimWords(thrown.claim)}.`, { cause: thrown });
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

/** What is wrong with a claim, by its name: never by what it holds. */
function claimWords(claim: string): string {
  return Object.hasOwn(claimErrors, claim) ? (claimErrors[claim] ?? '') : 'one of its claims is missing or wrong';
}

const claimErrors: Readonly<Record<string, string>> = {
  nbf: 'it is not valid yet',
  iat: 'it was issued in the future',
  aud: 'it is meant for another audience',
  typ: 'it is of another type',
  sub: 'it names no subject',
};

/**
 * Was a credential signed by an issuer that is trusted, though it does not let its caller in? Nobody guesses such a
 * one.
 */
export function isSigned(thrown: unknown): boolean {
  const cause = thrown instanceof Failure ? thrown.cause : undefined;
  return cause instanceof errors.JWTExpired || cause instanceof errors.JWTClaimValidationFailed;
}

/** What a token calls the person: 1 to 200 printable characters, or nothing. */
function nameIn(payload: JWTPayload, claim: string | undefined): Pick<KnownCaller, 'displayName'> {
  const name = claim === undefined ? undefined : valueAt(payload, claim);
  return typeof name === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(name) ? { displayName: name } : {};
}

function claims(payload: JWTPayload, { claim, value }: ClaimGrantConfig): boolean {
  const held = valueAt(payload, claim);
  return held === value || (Array.isArray(held) && held.includes(value));
}

/** A name that a claim has comes before a path that is written in the same way. */
function valueAt(payload: JWTPayload, claim: string | readonly string[]): unknown {
  if (typeof claim === 'string' && Object.hasOwn(payload, claim)) return payload[claim];
  const names = typeof claim === 'string' ? claim.split('.') : claim;
  return names.reduce<unknown>((within, name) => memberOf(within, name), payload);
}

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
