import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { TrafficConfig } from './limits.config.js';
import type { ProxyConfig } from './route.config.js';

/** How the calls of one connection get to the vendor. */
export interface Route {
  /** Whom to trust, if not the default roots alone. */
  readonly trust?: SecureContext;
  readonly proxy?: { readonly url: string; readonly authorization?: string };
}

interface RouteError {
  readonly path: string;
  readonly message: string;
}

/** The way that a checked configuration describes. */
export function routeOf({ ca, proxy }: TrafficConfig): Route {
  return {
    // Made once: a context with all roots is dear.
    ...(ca === undefined
      ? {}
      : {
          trust: createSecureContext({
            ca: [...getCACertificates('default'), ...certificatesIn(readFileSync(ca, 'utf8'))],
          }),
        }),
    ...(proxy === undefined ? {} : { proxy: { url: proxy.url, ...authorizationOf(proxy) } }),
  };
}

/** What is wrong with the way to a vendor: a file that cannot be used, a proxy that cannot be meant. */
export function routeErrors({ ca, proxy }: TrafficConfig): readonly RouteError[] {
  return [...(ca === undefined ? [] : caErrors(ca)), ...(proxy === undefined ? [] : proxyErrors(proxy))];
}

function caErrors(file: string): readonly RouteError[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [{ path: 'ca', message: `the file ${file} cannot be read` }];
  }
  try {
    if (certificatesIn(text).length > 0) return [];
    return [{ path: 'ca', message: `the file ${file} holds no certificate in PEM` }];
  } catch {
    return [{ path: 'ca', message: `the file ${file} holds a certificate that cannot be used` }];
  }
}

/** Throws where one of them is broken. */
function certificatesIn(text: string): readonly string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).toString());
}

function proxyErrors({ url, user, password }: ProxyConfig): readonly RouteError[] {
  const { protocol, hostname, username, pathname, search, hash, password: written } = URL.parse(url) ?? {};
  const isOrigin = pathname === '/' && `${username ?? ''}${written ?? ''}${search ?? ''}${hash ?? ''}` === '';
  if (!isOrigin || (protocol !== 'http:' && protocol !== 'https:')) {
    return [{ path: 'proxy.url', message: 'must be an http: or https: address without credentials, path and query' }];
  }
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname ?? '');
  return [
    ...((user === undefined) === (password === undefined)
      ? []
      : [{ path: 'proxy', message: 'must have both user and password, or neither' }]),
    ...(password !== undefined && protocol === 'http:' && !isLoopback
      ? [{ path: 'proxy.url', message: 'must be an https: address where a password is sent to it' }]
      : []),
  ];
}

function authorizationOf({ user, password }: ProxyConfig): { readonly authorization?: string } {
  if (user === undefined || password === undefined) return {};
  const credentials = Buffer.from(`${user}:${password.secret.reveal()}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
}
