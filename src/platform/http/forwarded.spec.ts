import { expect, it } from '@jest/globals';
import { bareAddress, trust } from './forwarded.js';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['"[2001:db8::1]:443"', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  [' 192.0.2.1 ', '192.0.2.1'],
  ['unknown', 'unknown'],
])('%s is the address %s', (written, address) => {
  expect(bareAddress(written)).toBe(address);
});

it.each([
  ['10.1.2.3', true],
  ['10.1.2.3:4711', true],
  ['::ffff:10.1.2.3', true],
  ['[2001:db8::7]:443', true],
  ['192.0.2.9', true],
  ['192.0.2.10', false],
  ['11.0.0.1', false],
  ['2001:db9::1', false],
  ['unknown', false],
])('%s is a trusted proxy: %s', (address, isTrusted) => {
  expect(trust(['10.0.0.0/8', '2001:db8::/32', '192.0.2.9'])(address)).toBe(isTrusted);
});
