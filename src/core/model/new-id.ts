let made = 0;

/**
 * A new id behind a prefix: ids of one prefix sort by the time they were made, and those of one process in one
 * millisecond by their order.
 */
export function newId(prefix: string, now: number): string {
  made = (made + 1) % 36 ** 3;
  const order = made.toString(36).padStart(3, '0');
  return `${prefix}${now.toString(36).padStart(9, '0')}${order}${crypto.randomUUID().replaceAll('-', '').slice(0, 13)}`;
}
