import { readHost } from './host.js';

/** The largest number of 64 bits, without and with a sign. */
export const largestUnsigned = 2n ** 64n - 1n;
export const largestSigned = 2n ** 63n - 1n;

/** Fewer digits than either has. */
const alwaysLess = 18;

/** Is this a whole number up to one of these, in its one spelling: digits, none too many in front? */
export function isWholeId(id: string, largest: bigint): boolean {
  return /^(?:0|[1-9]\d{0,19})$/.test(id) && (id.length <= alwaysLess || BigInt(id) <= largest);
}

/** Is this the address of one client: `ip:port` or `[v6]:port`? */
export function isClientId(id: string): boolean {
  const host = /^(?:\d{1,3}\.[\d.]+|\[[^\]%/]+\]):[1-9]\d*$/.test(id) ? readHost(id) : null;
  return host !== null && host.is !== 'name';
}

/**
 * What two spellings of one id have in common. Numbers and names have one spelling each; an address has several, and is
 * sent as the vendor spells it.
 */
export function idKey(id: string): string {
  if (!id.includes(':')) return id;
  const host = readHost(id);
  return host === null || host.is === 'name' ? id : `${host.address} ${host.port ?? ''}`;
}
