import { ValidateBy } from 'class-validator';

/** How much of a URL may be written: all of it, no query, or neither path nor query. */
export type Extent = 'any' | 'no-query' | 'origin';

const asked: Record<Extent, string> = {
  any: '',
  'no-query': ', without a query',
  origin: ', with neither path nor query',
};

/** A URL that credentials may be sent to: https, or http on loopback, and no credentials in it. */
export function SafeUrl(extent: Extent = 'any'): PropertyDecorator {
  const message = `must be an https: address without credentials (http: only on loopback)${asked[extent]}`;
  return ValidateBy({
    name: 'safeUrl',
    validator: { validate: (url) => typeof url === 'string' && isSafeUrl(url, extent), defaultMessage: () => message },
  });
}

/** May credentials be sent there? Of https, or http on loopback, and with no credentials in it. */
export function isSafeUrl(text: string, extent: Extent = 'any'): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  if (extent !== 'any' && text.includes('?')) return false;
  if (extent === 'origin' && pathname !== '/') return false;
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}
