import { generateKeyPairSync, sign } from 'node:crypto';

export interface KeyPair {
  readonly key: string | Buffer;
  readonly cert: string;
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents);
const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'));
const one = der(0x02, Buffer.from([1]));

/** A key and a certificate (RFC 5280) that only vouches for itself: for this IPv4 address, until this year is over. */
export function selfSigned(address = '127.0.0.1', lastYear = 2049): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from('vendor')))));
  const day = (year: number, rest: string): Buffer =>
    der(0x17, Buffer.from(`${String(year % 100).padStart(2, '0')}${rest}`));
  const validity = sequence(day(2020, '0101000000Z'), day(lastYear, '1231235959Z'));
  const names = sequence(der(0x87, Buffer.from(address.split('.').map(Number))));
  const extensions = der(0xa3, sequence(sequence(identifier('551d11'), der(0x04, names))));
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    one,
    ecdsaWithSha256,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const certificate = sequence(content, ecdsaWithSha256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}
