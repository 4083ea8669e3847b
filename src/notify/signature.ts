import { createHmac } from 'node:crypto';

const prefix = 'whsec_';
const fewestBytes = 24;
const mostBytes = 64;

/** The keys of a secret: `whsec_` and base64, one or two of them. Null if it is none. */
export function signingKeysOf(secret: string): readonly Buffer[] | null {
  const keys = secret.trim().split(/\s+/).map(keyOf);
  const found = keys.filter((key) => key !== null);
  return found.length === keys.length && keys.length <= 2 ? found : null;
}

/** Signs a message as Standard Webhooks are, by every key: receivers know any of them. */
export function signatureOf(keys: readonly Buffer[], id: string, seconds: number, body: string): string {
  const signed = `${id}.${String(seconds)}.${body}`;
  return keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ');
}

function keyOf(text: string): Buffer | null {
  if (!text.startsWith(prefix)) return null;
  const written = text.slice(prefix.length);
  const key = Buffer.from(written, 'base64');
  // Node reads what it can of anything: only what it would write again was meant.
  const isWhole = key.toString('base64').replace(/=+$/, '') === written.replace(/=+$/, '');
  return isWhole && key.length >= fewestBytes && key.length <= mostBytes ? key : null;
}
