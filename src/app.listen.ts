import type { AddressInfo } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Parts } from './app.parts.js';
import { readKeyPair } from './platform/config/key-pair.js';
import type { ServerConfig } from './platform/config/server.config.js';
import { tellKeyPair } from './platform/live/key-pair-telemetry.js';
import { LiveKeyPair } from './platform/live/live-key-pair.js';
import type { Logger } from './platform/telemetry/log.js';

const anyAddress = '0.0.0.0';

/**
 * Listens on the configured address, and on that of IPv4 instead of `::` where the machine has no IPv6. Gives the
 * address.
 */
export async function listenOn(
  { host = anyAddress }: ServerConfig,
  log: Logger,
  listen: (host: string) => Promise<unknown>,
): Promise<string> {
  try {
    await listen(host);
    return host;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (host !== '::' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw thrown;
    log.warn({ host: anyAddress, code }, 'there is no IPv6 here: listening on IPv4 alone');
    await listen(anyAddress);
    return anyAddress;
  }
}

/** Keeps the certificate of a server of HTTPS as its files say; null for a server of plain HTTP. */
export function followCertificate(
  { tls }: ServerConfig,
  server: unknown,
  { clock, log, metrics }: Pick<Parts, 'clock' | 'log' | 'metrics'>,
): LiveKeyPair | null {
  if (!tls || !(server instanceof TlsServer)) return null;
  const used = readKeyPair(tls);
  const use = (pair: typeof used): void => {
    server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
  };
  use(used);
  return new LiveKeyPair(tls, used, clock, tellKeyPair(used, log, metrics.drift.expiry, use));
}

/** `http://host:port` of a server that listens. */
export function originOf(host: string, server: { address(): string | AddressInfo | null }): string {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
