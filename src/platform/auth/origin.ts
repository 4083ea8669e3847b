import type { IncomingHttpHeaders } from 'node:http';

/** A name of this machine, with or without a port. */
const loopback = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Why a request without credentials is refused even on loopback: a browser sends it for a page of another origin, or
 * for a name that only pretends to be this machine. Null if neither is so.
 */
export function strangeOrigin({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | null {
  if (!loopback.test(host)) return 'Without credentials, Host must name loopback.';
  if (site === 'cross-site') return 'Without credentials, pages of other sites are refused.';
  if (origin === undefined || origin === 'null') return origin === undefined ? null : foreign;
  const { protocol, host: from } = URL.parse(origin) ?? { protocol: '', host: '' };
  const isOwn = /^https?:$/.test(protocol) && from.toLowerCase() === host.toLowerCase();
  return isOwn ? null : foreign;
}

const foreign = 'Without credentials, pages of other origins are refused.';
