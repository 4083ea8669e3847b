import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { quotePath } from './secrets.js';
import type { TlsConfig } from './server.config.js';

/** A certificate with those that vouch for it, and its private key, both in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What keeps a certificate from being used, and the member that names the file. */
export interface KeyPairError {
  readonly member: 'cert' | 'key';
  readonly message: string;
}

/** Where the certificate of the server stands in the configuration. */
export const serverCertificate = 'server.tls';

/** Reads both files. Throws if one cannot be read. */
export function readKeyPair({ cert, key }: TlsConfig): KeyPair {
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** What keeps two files from being used together; nothing if they can be. Nothing of the key is told. */
export function keyPairErrors({ cert, key }: TlsConfig): readonly KeyPairError[] {
  const texts = { cert: textOf(cert), key: textOf(key) };
  const unread = (['cert', 'key'] as const).filter((member) => texts[member] === null);
  if (unread.length > 0) {
    const files = { cert, key };
    return unread.map((member) => ({
      member,
      message: `names a file that cannot be read${quotePath(files[member])}`,
    }));
  }
  return judgeKeyPair({ cert: texts.cert ?? '', key: texts.key ?? '' });
}

/** What keeps a certificate and a key from being used together; nothing if they can be. */
export function judgeKeyPair({ cert, key }: KeyPair): readonly KeyPairError[] {
  const certificates = certificatesOf(cert);
  const own = privateKeyOf(key);
  const errors = [
    ...(typeof certificates === 'string' ? [{ member: 'cert' as const, message: certificates }] : []),
    ...(typeof own === 'string' ? [{ member: 'key' as const, message: own }] : []),
  ];
  if (typeof certificates === 'string' || typeof own === 'string') return errors;
  const fitting = certificates.findIndex((one) => one.checkPrivateKey(own));
  if (fitting < 0) return [{ member: 'key', message: 'names a key that does not fit the certificate' }];
  if (fitting > 0) {
    return [{ member: 'cert', message: 'names a file in which the certificate of the key is not the first' }];
  }
  try {
    createSecureContext({ cert, key });
    return [];
  } catch {
    return [{ member: 'cert', message: 'names a certificate that is too weak to be used' }];
  }
}

/** When the first of the certificates in this text ends, in milliseconds since the epoch; null if there is none. */
export function endOfCertificates(text: string): number | null {
  const certificates = certificatesOf(text);
  if (typeof certificates === 'string') return null;
  return Math.min(...certificates.map(({ validTo }) => Date.parse(validTo)));
}

/** The certificates, or what is wrong with them. */
function certificatesOf(text: string): readonly X509Certificate[] | string {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (!blocks) return 'names a file that holds no certificate in PEM';
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return 'names a file that holds a certificate that cannot be used';
  }
}

/** The key, or what is wrong with it. */
function privateKeyOf(text: string): KeyObject | string {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return 'names a key with a passphrase: it must have none';
  }
  try {
    return createPrivateKey(text);
  } catch {
    return 'names a file that holds no private key in PEM';
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
