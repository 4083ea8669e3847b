import type { Operation } from '../core/model/operation.js';
import type { OperationSummaryDto } from './summary.dto.js';

/**
 * How many batches are read for one page: a caller that may see little of much gets a short page, and goes on from
 * there.
 */
const mostBatches = 50;
/** How many are read at once; fewer where a page and what tells that there is more are fewer. */
const largestBatch = 200;

/** How many characters of JSON one page holds at most, but for its first item. */
const mostBytes = 1_048_576;

interface Page {
  readonly items: OperationSummaryDto[];
  /** The id after which the next page begins; null if this was the last. */
  readonly next: string | null;
}

/** Reads batch after batch, newest first, until a page is full of what the caller may see and asked for. */
export async function collect<Kept extends { readonly id: string }>(
  /** Gives as many as are asked for, or else all that are left. */
  read: (after: string | null, count: number) => Promise<readonly Kept[]>,
  /** As the list tells it; undefined if it does not. */
  tell: (kept: Kept) => OperationSummaryDto | undefined,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Page> {
  const items: OperationSummaryDto[] = [];
  const count = Math.min(limit + 1, largestBatch);
  let from = after;
  let bytes = 0;
  for (let batches = 0; batches < mostBatches; batches += 1) {
    const batch = await read(from, count);
    for (const operation of batch) {
      const summary = tell(operation);
      if (!summary) {
        from = operation.id;
        continue;
      }
      const size = JSON.stringify(summary).length;
      if (items.length === limit || (items.length > 0 && bytes + size > mostBytes)) return { items, next: from };
      items.push(summary);
      bytes += size;
      from = operation.id;
    }
    if (batch.length < count) return { items, next: null };
  }
  return { items, next: from };
}

/** What a list tells of an operation. */
export function summaryDtoOf({
  targets,
  filterText,
  refusal,
  plan,
  planNote,
  ...operation
}: Operation): OperationSummaryDto {
  return { ...operation, targets: targets.map(({ items, itemsOmitted, calls, ...target }) => target) };
}
