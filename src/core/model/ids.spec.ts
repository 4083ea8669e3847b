import { describe, expect, it } from '@jest/globals';
import { idKey, isClientId, isWholeId, largestSigned, largestUnsigned } from './ids.js';

describe('isWholeId', () => {
  it.each([
    ['0', largestSigned, true],
    ['9223372036854775807', largestSigned, true],
    ['9223372036854775808', largestSigned, false],
    ['18446744073709551615', largestUnsigned, true],
    ['18446744073709551616', largestUnsigned, false],
    ['00', largestUnsigned, false],
    ['05', largestUnsigned, false],
    ['-5', largestUnsigned, false],
    ['+5', largestUnsigned, false],
    ['5.0', largestUnsigned, false],
    ['5e3', largestUnsigned, false],
    [' 5', largestUnsigned, false],
    ['٥', largestUnsigned, false],
    ['', largestUnsigned, false],
  ])('%j up to %s: %j', (id, largest, expected) => {
    expect(isWholeId(id, largest)).toBe(expected);
  });
});

describe('isClientId', () => {
  it.each([
    ['10.0.0.7:6379', true],
    ['[fd00::1]:6379', true],
    ['[FD00::1]:6379', true],
    ['[::ffff:10.0.0.7]:6379', true],
    ['fd00::1:6379', false],
    ['010.0.0.7:6379', false],
    ['10.0.0.7:06379', false],
    ['10.0.0.7:0', false],
    ['10.0.0.7:65536', false],
    ['[fe80::1%eth0]:6379', false],
    ['10.0.0.7/32:6379', false],
    ['web-1:6379', false],
    ['10.0.0.7', false],
  ])('%j: %j', (id, expected) => {
    expect(isClientId(id)).toBe(expected);
  });
});

describe('idKey', () => {
  it.each([
    ['[FD00::1]:6379', '[fd00::1]:6379', true],
    ['[fd00:0:0::1]:6379', '[fd00::1]:6379', true],
    ['[fd00::1]:6379', '[fd00::1]:6380', false],
    ['[fd00::1]:6379', '[fd00::2]:6379', false],
    ['10.0.0.7:6379', '10.0.0.7:6380', false],
    ['31', '31', true],
    ['Sue', 'sue', false],
  ])('%j and %j are one: %j', (one, other, expected) => {
    expect(idKey(one) === idKey(other)).toBe(expected);
  });
});
