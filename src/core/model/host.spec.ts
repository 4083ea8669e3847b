import { describe, expect, it } from '@jest/globals';
import { clientAt, clientFrom, readHost } from './host.js';

describe('readHost', () => {
  it.each<[string, string | null, string | null]>([
    ['10.0.0.7:5432', '10.0.0.7', '5432'],
    ['10.0.0.7', '10.0.0.7', null],
    ['10.0.0.7/32', '10.0.0.7', null],
    ['web-1.internal:99', 'web-1.internal', '99'],
    ['localhost', 'localhost', null],
    ['2001:db8::5:50123', '2001:db8::5', '50123'],
    ['2001:DB8:0::5:50123', '2001:db8::5', '50123'],
    ['2001:db8:0:0:0:0:0:5:50123', '2001:db8::5', '50123'],
    ['2001:db8:0:0:0:0:0:5', '2001:db8::5', null],
    ['::1:5012', '::1', '5012'],
    ['::1', '::1', null],
    ['2001:db8::5', '2001:db8::5', null],
    ['[2001:db8::5]:50123', '2001:db8::5', '50123'],
    ['[2001:db8::5]', '2001:db8::5', null],
    ['fe80::1%eth0:50123', 'fe80::1', '50123'],
    ['::ffff:10.0.0.7:50123', '10.0.0.7', '50123'],
    ['[::ffff:a00:7]:50123', '10.0.0.7', '50123'],
    ['/tmp/redis.sock:0', '/tmp/redis.sock', '0'],
    ['?:0', null, null],
    ['', null, null],
    ['10.0.0.300:5', null, null],
    ['010.0.0.7:5', null, null],
    ['10.0.0.7:70000', null, null],
    ['[10.0.0.7', null, null],
    ['2001:db8::5::1', null, null],
    ['a b:5', null, null],
  ])('%j is %j, port %j', (text, address, port) => {
    const host = readHost(text);
    expect(host?.address ?? null).toBe(address);
    expect(host?.port ?? null).toBe(port);
  });
});

describe('how a client is shown', () => {
  it.each<[string | null, string | null]>([
    ['2001:db8::5:50123', '[2001:db8::5]:50123'],
    ['2001:db8::5', '2001:db8::5'],
    ['[2001:db8::5]:50123', '[2001:db8::5]:50123'],
    ['10.0.0.7:5432', '10.0.0.7:5432'],
    ['localhost', 'localhost'],
    ['?:0', '?:0'],
    [' ', null],
    [null, null],
  ])('%j as %j', (text, shown) => {
    expect(clientFrom(text)).toBe(shown);
  });

  it.each<[string | null, string | null, string | null]>([
    ['10.0.0.7', '5432', '10.0.0.7:5432'],
    ['10.0.0.7/32', '5432', '10.0.0.7:5432'],
    ['2001:db8::5', '5432', '[2001:db8::5]:5432'],
    ['10.0.0.7', '-1', '10.0.0.7'],
    ['10.0.0.7', null, '10.0.0.7'],
    ['', '5432', null],
    [null, '5432', null],
  ])('%j and port %j as %j', (address, port, shown) => {
    expect(clientAt(address, port)).toBe(shown);
  });
});
