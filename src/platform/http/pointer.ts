/** A JSON pointer (RFC 6901) to a member, from the root unless told otherwise. */
export function pointerTo(steps: readonly (string | number)[], from = ''): string {
  return from + steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
