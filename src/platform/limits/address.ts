import { isIPv6 } from 'node:net';

/** What an address counts as: who has one of IPv6 has 2^64 of them. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const [left, right] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')));
  const groups =
    tail === undefined
      ? (left ?? [])
      : [
          ...(left ?? []),
          ...Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0'),
          ...(right ?? []),
        ];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
