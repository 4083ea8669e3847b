import { createRemoteJWKSet, customFetch, errors, type FetchImplementation, type JWTVerifyGetKey } from 'jose';

/** Keys are read anew after this long; while that fails, those that are held serve on for so long in all. */
const keysKeptMs = 600_000;
const keysServeMs = 3_600_000;
/** Without any key, an issuer is asked again at most this often. */
const tryAgainMs = 1000;
const askMs = 5000;
/** No set of keys is larger. */
const mostBytes = 1024 * 1024;
/**
 * With keys, it is asked again so often at once, and once more each time that so long has passed, whatever tokens come.
 */
const mostAtOnce = 2;
const oneMoreMs = 30_000;

/** Told whenever the keys of an issuer were read, or could not be. */
export type KeysRead = (isRead: boolean) => void;

/**
 * The keys of one issuer, read when they are needed, and read again at a bounded rate: when they are old, or do not
 * have one.
 */
export function issuerKeys(url: string, tell: KeysRead): JWTVerifyGetKey {
  // It never asks again by itself while it has keys.
  const times = {
    cacheMaxAge: keysServeMs,
    cooldownDuration: Infinity,
    timeoutDuration: askMs,
    [customFetch]: fetchBounded,
  };
  const held = createRemoteJWKSet(new URL(url), times);
  const take = budget();
  let reads = 0;
  let readAt = -Infinity;
  let triedAt = -Infinity;
  const read = async (): Promise<void> => {
    triedAt = Date.now();
    try {
      await held.reload();
    } catch (thrown) {
      tell(false);
      throw thrown;
    }
    tell(true);
    readAt = Date.now();
    reads += 1;
  };
  // Who comes while they are being read waits for that.
  const mayRead = (): boolean => held.reloading || take();
  const refresh = async (): Promise<void> => {
    if (held.fresh) {
      if (Date.now() - readAt >= keysKeptMs && mayRead()) await read().catch(() => undefined);
      return;
    }
    if (!held.reloading && Date.now() - triedAt < tryAgainMs) throw new TypeError('The issuer was asked a moment ago.');
    await read();
  };
  return async (header, token) => {
    const readsBefore = reads;
    await refresh();
    try {
      return await held(header, token);
    } catch (thrown) {
      const isUnknown = thrown instanceof errors.JWKSNoMatchingKey;
      if (!isUnknown || reads !== readsBefore || !mayRead()) throw thrown;
      await read();
      return held(header, token);
    }
  };
}

/** Gives as many as may be at once, and then one more each time that so long has passed. */
function budget(): () => boolean {
  const mostMs = mostAtOnce * oneMoreMs;
  let savedMs = mostMs;
  let at = Date.now();
  return () => {
    const now = Date.now();
    savedMs = Math.min(mostMs, savedMs + Math.max(0, now - at));
    at = now;
    if (savedMs < oneMoreMs) return false;
    savedMs -= oneMoreMs;
    return true;
  };
}

/** Fetches as jose does by itself, and gives up where more comes than any set of keys has. */
const fetchBounded: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  if (response.status !== 200 || response.body === null) return response;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    // Leaving the loop cancels what is left.
    if (bytes > mostBytes) throw new TypeError('The set of keys is too large.');
    pieces.push(piece);
  }
  return new Response(Buffer.concat(pieces), { status: response.status, headers: response.headers });
};
