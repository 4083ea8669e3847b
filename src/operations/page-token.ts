/** A page token holds the id after which the next page begins: valid on any replica, for as long as it is asked for. */
export function encodePosition(id: string): string {
  return Buffer.from(JSON.stringify([1, id])).toString('base64url');
}

/** Null if it is no token of ours. */
export function decodePosition(token: string): string | null {
  try {
    const [version, id] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    return version === 1 && typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
