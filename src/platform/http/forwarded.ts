import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** An address as proxies write it, as it is written by itself: without brackets, quotes, port and zone. */
export function bareAddress(written: string): string {
  const address = written.trim().replace(/^"(.*)"$/, '$1');
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(address) ?? [];
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(address) ?? [];
  return (bracketed ?? withPort ?? address).split('%')[0] ?? '';
}

/** Is an address that of a trusted proxy, however it is written? The proxies are addresses and ranges. */
export function trust(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', length] = proxy.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (length === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(length), family);
  }
  return (written) => {
    const address = bareAddress(written);
    return isIPv4(address) ? list.check(address, 'ipv4') : isIPv6(address) && list.check(address, 'ipv6');
  };
}
