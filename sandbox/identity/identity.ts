import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Clock, Emulator, Reply } from '../exchange.ts';
import { serve } from '../frame/server.ts';
import type { Frame } from '../frame/server.ts';

/** What a token says. Members beyond these are claims as they stand; a claim that is undefined is left out. */
interface TokenRequest {
  readonly sub?: string;
  readonly groups?: readonly string[];
  /** `sluice` by default. */
  readonly audience?: string | readonly string[];
  /** In seconds from now, 300 by default; negative for a token that is over. */
  readonly expiresIn?: number;
  /** RS256 by default. */
  readonly algorithm?: 'RS256' | 'ES256';
  /** Header members that replace or join `alg`, `kid` and `typ`. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly [claim: string]: unknown;
}

/** An identity server with an RS256 and an ES256 key, and the right to sign whatever a test wants. */
export interface Identity {
  /** Its base URL and a slash. */
  readonly issuer: string;
  readonly jwks: string;
  readonly token: (request?: TokenRequest) => Promise<string>;
  /** Replaces both keys; tokens signed before no longer match what is published. */
  readonly rotate: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly published: JWK;
}

type Algorithm = NonNullable<TokenRequest['algorithm']>;

async function keyOf(algorithm: Algorithm, generation: number): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const kid = `${algorithm.toLowerCase()}-${generation}`;
  return { kid, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } };
}

async function keysOf(generation: number): Promise<Readonly<Record<Algorithm, Key>>> {
  const [RS256, ES256] = await Promise.all([keyOf('RS256', generation), keyOf('ES256', generation)]);
  return { RS256, ES256 };
}

function json(status: number, value: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** Starts the server; its calls are `jwks` in the journal and for faults, its vendor is `identity`. */
export async function startIdentity(frame: Frame, clock: Clock, port = 0): Promise<Identity> {
  let generation = 1;
  let keys = await keysOf(generation);
  const emulator: Emulator = {
    vendor: 'identity',
    callOf: ({ path }) => (path === '/jwks.json' ? 'jwks' : 'unknown'),
    answer({ method, path }) {
      if (path !== '/jwks.json') return json(404, { error: 'not_found' });
      if (method !== 'GET') return json(405, { error: 'method_not_allowed' });
      return json(200, { keys: Object.values(keys).map(({ published }) => published) });
    },
  };
  const listener = await serve(emulator, frame, port);
  const { url } = listener;
  return {
    issuer: `${url}/`,
    jwks: `${url}/jwks.json`,
    async token(request = {}) {
      const { sub, groups, audience = 'sluice', expiresIn = 300, algorithm = 'RS256', header, ...claims } = request;
      const { kid, privateKey } = keys[algorithm];
      const now = Math.floor(clock() / 1000);
      const payload = { iss: `${url}/`, sub, groups, aud: audience, iat: now, exp: now + expiresIn, ...claims };
      const said = Object.entries(payload).filter(([, value]) => value !== undefined);
      return new SignJWT(Object.fromEntries(said))
        .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT', ...header })
        .sign(privateKey);
    },
    async rotate() {
      generation += 1;
      keys = await keysOf(generation);
    },
    close: () => listener.close(),
  };
}
