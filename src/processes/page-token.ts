import { hash } from 'node:crypto';
import type { Position } from '../core/model/order.js';
import type { LookQuery } from './selection.dto.js';

/**
 * A page token holds the position of the last process that was shown, and the digest of the query that it belongs to.
 * It holds nothing of a replica, so any other can go on from it.
 */
export function encodePageToken(position: Position, query: LookQuery): string {
  return Buffer.from(JSON.stringify([1, digestOf(query), position.target, position.node, position.id])).toString(
    'base64url',
  );
}

/** The position that a token holds; null if it is no token of this query's. */
export function decodePageToken(token: string, query: LookQuery): Position | null {
  try {
    const [version, digest, target, node, id] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    const isOurs = version === 1 && digest === digestOf(query) && typeof target === 'string' && typeof id === 'string';
    return isOurs && (typeof node === 'string' || node === null) ? { target, node, id } : null;
  } catch {
    return null;
  }
}

/** The same for the same query, whatever the order of its parameters; page size and token aside. */
function digestOf({ limit, pageToken, ...filters }: LookQuery): string {
  const sorted = Object.entries(filters)
    .map(([name, value]) => [name, Array.isArray(value) ? value.toSorted() : value] as const)
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return hash('sha256', JSON.stringify(sorted), 'base64url').slice(0, 16);
}
