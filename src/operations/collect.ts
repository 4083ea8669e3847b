import type { Operation } from '../core/model/operation.js';

/** How many batches are read for one page: whoever may see little of much gets a short page, and goes on from there. */
const mostBatches = 50;
/** How many are read at once; fewer where a page and what tells that there is more are fewer. */
const largestBatch = 200;

interface Page {
  readonly items: Operation[];
  /** The id after which the next page begins; null if this was the last. */
  readonly next: string | null;
}

/** Reads batch after batch, newest first, until a page is full of what the caller may see and asked for. */
export async function collect(
  /** Gives as many as are asked for, or else all that are left. */
  read: (after: string | null, count: number) => Promise<readonly Operation[]>,
  see: (operation: Operation) => Operation | undefined,
  isAsked: (operation: Operation) => boolean,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Page> {
  const items: Operation[] = [];
  const count = Math.min(limit + 1, largestBatch);
  let from = after;
  for (let batches = 0; batches < mostBatches; batches += 1) {
    const batch = await read(from, count);
    for (const operation of batch) {
      const visible = see(operation);
      if (!visible || !isAsked(visible)) {
        from = operation.id;
        continue;
      }
      if (items.length === limit) return { items, next: from };
      items.push(visible);
      from = operation.id;
    }
    if (batch.length < count) return { items, next: null };
  }
  return { items, next: from };
}
