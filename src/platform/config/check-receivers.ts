import type { ReceiverConfig } from '../../notify/notify.config.js';
import { signingKeysOf } from '../../notify/signature.js';
import { routeErrors } from '../../transport/route.js';
import { isSafeUrl } from '../../validation/safe-url.js';
import type { ConfigErrors } from './errors.js';
import type { SecretSource } from './secrets.js';

const notSafe = 'must hold an https: address without credentials (http: only on loopback)';
const notSigning = 'must hold whsec_ and 24 to 64 bytes in base64; one or two of them, each on a line';

/** Adds what is wrong with those that are notified, as far as their members are right in themselves. */
export function tellReceivers(
  notify: readonly Partial<ReceiverConfig>[],
  errors: ConfigErrors,
  { withoutSecrets = false }: SecretSource,
): void {
  const names = new Set<string>();
  for (const [index, { name, url, secret, ca, proxy }] of notify.entries()) {
    const path = `notify[${String(index)}]`;
    if (name !== undefined && names.has(name)) errors.add(`${path}.name`, 'is used by another receiver');
    if (name !== undefined) names.add(name);
    const isRead = (member: 'url' | 'secret'): boolean => !withoutSecrets && errors.isRight(`${path}.${member}`);
    if (url && isRead('url') && !isSafeUrl(url.secret.reveal())) errors.add(`${path}.url`, notSafe);
    if (secret && isRead('secret') && signingKeysOf(secret.secret.reveal()) === null) {
      errors.add(`${path}.secret`, notSigning);
    }
    if (!errors.isRight(`${path}.proxy`) || !errors.isRight(`${path}.ca`)) continue;
    for (const error of routeErrors({ ...(ca === undefined ? {} : { ca }), ...(proxy ? { proxy } : {}) })) {
      errors.add(`${path}.${error.path}`, error.message);
    }
  }
}
