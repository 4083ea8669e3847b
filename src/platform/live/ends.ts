import { readFileSync } from 'node:fs';
import { endOfCertificates, serverCertificate } from '../config/key-pair.js';
import type { Configuration } from '../config/load.js';
import type { ExpiryMetrics } from '../telemetry/expiry-metrics.js';

/** Tells when the keys of callers and the certificates of a configuration end, and forgets what is not in it. */
export function tellEnds(
  { auth, connections }: Pick<Configuration, 'auth' | 'connections'>,
  expiry: ExpiryMetrics,
): void {
  const keys = new Map<string, number>();
  for (const { name, expiresAt } of auth.apiKeys ?? []) {
    // Who has a key that lasts longer can replace the other one by it.
    keys.set(name, Math.max(keys.get(name) ?? 0, expiresAt === undefined ? Infinity : Date.parse(expiresAt)));
  }
  for (const [name, end] of keys) expiry.ends('api-key', name, end === Infinity ? null : end);
  expiry.keepOnly('api-key', (name) => keys.has(name));
  const trusted = new Map([...connections].map(([name, { config }]) => [`connections.${name}.ca`, config.ca]));
  for (const [name, file] of trusted) expiry.ends('certificate', name, file === undefined ? null : endIn(file));
  expiry.keepOnly('certificate', (name) => name === serverCertificate || trusted.has(name));
  expiry.keepOnly('vendor-credential', (name) => connections.has(name));
  // The next connection to each server that is called still tells of it again.
  expiry.keepOnly('peer-certificate', () => false);
}

/** A file that has gone since it was checked tells nothing. */
function endIn(file: string): number | null {
  try {
    return endOfCertificates(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
