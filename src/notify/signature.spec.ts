import { describe, expect, it } from '@jest/globals';
import { signatureOf, signingKeysOf } from './signature.js';

const known = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 9).toString('base64')}`;

describe('a signature', () => {
  it('is what the library of Standard Webhooks makes of the same', () => {
    const keys = signingKeysOf(known)!;
    // By standardwebhooks 1.1.1.
    expect(signatureOf(keys, 'msg_p5jXN8AQM9LWM0D4loKWxEek', 1614265330, '{"test": 2432232314}')).toBe(
      'v1,xm3N4+aKmqpsHqf2GrAK/g6ew7J0s6ILlNe44yY/l78=',
    );
  });

  it('is made by both secrets while one takes the place of the other', () => {
    const keys = signingKeysOf(`${known}\n${secretOf(32)}\n`)!;
    const [first, second, ...more] = signatureOf(keys, 'msg_1', 1, '{}').split(' ');
    expect(first).toBe(signatureOf(signingKeysOf(known)!, 'msg_1', 1, '{}'));
    expect(second).toBe(signatureOf(signingKeysOf(secretOf(32))!, 'msg_1', 1, '{}'));
    expect(more).toEqual([]);
  });
});

describe('a secret', () => {
  it.each([24, 32, 64])('of %d bytes signs', (bytes) => {
    expect(signingKeysOf(secretOf(bytes))).toEqual([Buffer.alloc(bytes, 9)]);
  });

  it.each([
    ['of too few bytes', secretOf(23)],
    ['of too many', secretOf(65)],
    ['without its prefix', secretOf(32).slice('whsec_'.length)],
    ['that is not base64', 'whsec_this is not base64 at all, whatever it may look like'],
    ['with one letter that base64 has not', `${secretOf(32).slice(0, -4)}!${secretOf(32).slice(-3)}`],
    ['beside another that is none', `${secretOf(32)}\nhunter2`],
    ['of three', [secretOf(32), secretOf(33), secretOf(34)].join('\n')],
    ['that is empty', ''],
  ])('%s signs nothing', (_what, secret) => {
    expect(signingKeysOf(secret)).toBeNull();
  });
});
