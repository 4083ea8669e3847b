import type { ExpiryMetrics } from '../telemetry/expiry-metrics.js';
import type { Logger } from '../telemetry/log.js';
import { endOfCertificates, serverCertificate, type KeyPair } from '../config/key-pair.js';
import type { KeyPairWatcher } from './live-key-pair.js';

/** Tells what becomes of the certificate of the server, and when it ends; `use` makes the server take another. */
export function tellKeyPair(
  used: KeyPair,
  log: Logger,
  metrics: ExpiryMetrics,
  use: (pair: KeyPair) => void,
): KeyPairWatcher {
  const tellEnd = ({ cert }: KeyPair): string => {
    const end = endOfCertificates(cert) ?? 0;
    metrics.ends('certificate', serverCertificate, end);
    const endsAt = new Date(end).toISOString();
    if (end <= Date.now()) log.warn({ endsAt }, 'the certificate of the server has ended: callers refuse it');
    return endsAt;
  };
  tellEnd(used);
  return {
    changed: (pair) => {
      use(pair);
      metrics.certificateUsable(true);
      log.info({ endsAt: tellEnd(pair) }, 'certificate of the server read again');
    },
    rejected: (errors) => {
      metrics.certificateUsable(false);
      const told = errors.map(({ member, message }) => `${serverCertificate}.${member}: ${message}`);
      log.error({ errors: told }, 'certificate of the server rejected: the one before is used');
    },
    restored: () => {
      metrics.certificateUsable(true);
      log.info('the files of the certificate are again as they are used');
    },
  };
}
