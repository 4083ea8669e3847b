import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { TLSSocket } from 'node:tls';
import type { ExpiryMetrics } from '../telemetry/expiry-metrics.js';

/** What undici, with which everything is sent, tells of each connection that it makes. */
const connected = 'undici:client:connected';

interface Connected {
  readonly connectParams: { readonly hostname: string };
  readonly socket: unknown;
}

/**
 * Tells when the certificates end of the servers that are called, at each connection: of a session that is resumed, the
 * one from its beginning. Returns what ends that.
 */
export function watchPeerCertificates(expiry: ExpiryMetrics): () => void {
  const see = (message: unknown): void => {
    const { connectParams, socket } = message as Connected;
    const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (certificate) expiry.ends('peer-certificate', connectParams.hostname, Date.parse(certificate.validTo));
  };
  subscribe(connected, see);
  return () => {
    unsubscribe(connected, see);
  };
}
