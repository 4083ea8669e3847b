import { isIPv4, isIPv6 } from 'node:net';

/** What an address counts as: who has one of IPv6 has 2^64 of them. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address.toLowerCase();
  const groups = groupsOf(address);
  const [seventh = 0, eighth = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight numbers of an address of IPv6, however it is written. */
function groupsOf(address: string): readonly number[] {
  const halves = (address.split('%')[0] ?? '').split('::');
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(numbersOf)));
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function numbersOf(group: string): readonly number[] {
  if (!isIPv4(group)) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
