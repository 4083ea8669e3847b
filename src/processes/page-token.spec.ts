import { describe, expect, it } from '@jest/globals';
import { decodePageToken, encodePageToken } from './page-token.js';
import { LookQuery } from './selection.dto.js';

const query = (members: object): LookQuery => Object.assign(new LookQuery(), members);
const position = { target: 'orders', node: 'primary', id: '18446744073709551615' };
const filters = { target: ['orders', 'carts'], state: ['idle'], minIdleSeconds: '60' };
const base = query(filters);

describe('a page token', () => {
  it('holds a position', () => {
    for (const one of [position, { ...position, node: null }]) {
      expect(decodePageToken(encodePageToken(one, base), base)).toEqual(one);
    }
  });

  it('is made of what may stand in an address', () => {
    expect(encodePageToken({ ...position, id: '[::1]:6379 ü/+?' }, base)).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it.each([
    ['in another order', { minIdleSeconds: '60', state: ['idle'], target: ['carts', 'orders'] }],
    ['of another page size', { ...filters, limit: '7' }],
    ['with a token', { ...filters, pageToken: 'x' }],
  ])('is good for the same query %s', (_name, same) => {
    expect(decodePageToken(encodePageToken(position, base), query(same))).toEqual(position);
  });

  it.each([
    ['other targets', { ...filters, target: ['orders'] }],
    ['another state', { ...filters, state: ['!idle'] }],
    ['another minimum', { ...filters, minIdleSeconds: '61' }],
    ['one filter more', { ...filters, user: ['app'] }],
    ['one filter less', { target: ['orders', 'carts'], state: ['idle'] }],
    ['a value twice', { ...filters, state: ['idle', 'idle'] }],
  ])('is not good for %s', (_name, other) => {
    expect(decodePageToken(encodePageToken(position, base), query(other))).toBeNull();
  });

  it.each(['', 'x', 'bm9uc2Vuc2U', 'e30', 'W10', 'bnVsbA', '!!!', 'W1tbW1tbW1tbW1tb'])('is not "%s"', (token) => {
    expect(decodePageToken(token, base)).toBeNull();
  });

  it('is not good after a change', () => {
    const members = JSON.parse(Buffer.from(encodePageToken(position, base), 'base64url').toString()) as unknown[];
    for (const [index, value] of [
      [0, 2],
      [1, 'other'],
      [2, null],
      [3, 7],
      [4, 7],
    ] as const) {
      const changed = Buffer.from(JSON.stringify(members.with(index, value))).toString('base64url');
      expect(decodePageToken(changed, base)).toBeNull();
    }
  });
});
