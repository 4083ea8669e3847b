import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TrafficConfig } from '../../transport/limits.config.js';

/**
 * Two connections with the same fingerprint are one: all that it was opened with is in it. Secrets are told by their
 * places, since those that are asked for at every call are read again by themselves; a proxy is told its password once.
 */
export function fingerprintOf(vendor: string, config: TrafficConfig): string {
  const { ca, proxy } = config;
  const read = [
    ca === undefined ? null : readFileSync(ca, 'utf8'),
    proxy?.password === undefined ? null : proxy.password.secret.reveal(),
  ];
  return hash('sha256', JSON.stringify([vendor, config, read]));
}
