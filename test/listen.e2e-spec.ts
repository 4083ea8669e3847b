import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startBuilt } from './built-gateway.ts';
import { configFor } from './gateway.ts';

let vendors: Vendors;

beforeAll(async () => {
  vendors = await startVendors();
});

afterAll(async () => {
  await vendors.close();
});

/** What Node says of `::` on a kernel that has no IPv6. */
const withoutIpv6 = (code: string): string =>
  `data:text/javascript,${encodeURIComponent(`
    import { Server } from 'node:net';
    const { listen } = Server.prototype;
    Server.prototype.listen = function (options, ...rest) {
      if (options.host !== '::') return listen.call(this, options, ...rest);
      const error = Object.assign(new Error('listen ${code}: address not available ::'), { code: '${code}' });
      process.nextTick(() => this.emit('error', error));
      return this;
    };
  `)}`;

describe('the address ::', () => {
  it.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])('is 0.0.0.0 where there is no IPv6 (%s)', async (code) => {
    const server = { host: '::', management: { port: 0 } };
    const gateway = startBuilt(JSON.stringify(configFor(vendors, { server })), {
      nodeArguments: ['--import', withoutIpv6(code)],
    });
    try {
      const { url, managementUrl } = await gateway.listening();
      expect([url, managementUrl]).toEqual([
        expect.stringMatching(/^http:[/][/]0[.]0[.]0[.]0:/),
        expect.stringMatching(/^http:[/][/]0[.]0[.]0[.]0:/),
      ]);
      expect((await fetch(`${managementUrl}/health/live`)).status).toBe(200);
      expect((await fetch(`${url}/targets`)).status).toBe(401);
      expect(gateway.log).toContainEqual(
        expect.objectContaining({ level: 'warn', code, msg: 'there is no IPv6 here: listening on IPv4 alone' }),
      );
    } finally {
      await gateway.close();
    }
  });

  it('is refused as ever where it is something else', async () => {
    const gateway = startBuilt(JSON.stringify(configFor(vendors, { server: { host: '::' } })), {
      nodeArguments: ['--import', withoutIpv6('EACCES')],
    });
    expect(await gateway.ended).toBe(1);
    expect(gateway.output()).toContain('EACCES');
  });
});
