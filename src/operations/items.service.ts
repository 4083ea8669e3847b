import { Inject, Injectable } from '@nestjs/common';
import type { OperationEvent, TargetEvent } from '../core/model/event.js';
import type { Item } from '../core/model/operation.js';
import { Refusals } from '../core/model/refusals.js';
import { shownEvents } from '../core/record/fold-approval.js';
import { itemsOf } from '../core/record/fold-target.js';
import type { Journal } from '../core/record/journal.js';
import type { Ask } from '../platform/entry/ask.js';
import { errorsOf } from '../validation/input.js';
import type { ItemListDto, ItemListQuery, TargetItemDto } from './items.dto.js';
import { JOURNAL } from './journal.token.js';
import { notFound } from './not-found.js';
import { decodePosition, encodePosition } from './page-token.js';
import { see } from './visible.js';

const largestPage = 1000;

/** Pages through all items of an operation, of which its record shows the first. */
@Injectable()
export class ItemsService {
  readonly #journal: Journal;
  /** A record may be large: one is read at a time. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(@Inject(JOURNAL) journal: Journal) {
    this.#journal = journal;
  }

  async list({ caller }: Ask, id: string, query: ItemListQuery): Promise<ItemListDto> {
    const refusals = new Refusals(errorsOf(query));
    const limit = query.limit === undefined ? largestPage : Number(query.limit);
    if (limit < 1 || limit > largestPage) {
      refusals.add('invalid-request', { parameter: 'limit', message: `limit must be 1 to ${String(largestPage)}.` });
    }
    const from = query.pageToken === undefined ? [0, 0] : positionOf(query.pageToken);
    if (from === null) {
      refusals.add('invalid-request', { parameter: 'pageToken', message: 'pageToken is not a token of this list.' });
    }
    refusals.throwIfAny();
    const read = this.#reading.then(async () => {
      const kept = await this.#journal.read(id);
      const visible = kept && see(caller, kept.operation);
      if (!kept || !visible) throw notFound(id);
      const targets = visible.targets.map(({ target }) => target);
      return pageOf(shownEvents(kept.events), targets, from ?? [0, 0], limit);
    });
    this.#reading = read.catch(() => undefined);
    return read;
  }
}

/**
 * From the item at this place of the target at this place on; targets that may not be seen have no name, and no items.
 */
function pageOf(
  events: readonly OperationEvent[],
  targets: readonly string[],
  [firstTarget = 0, firstItem = 0]: readonly number[],
  limit: number,
): ItemListDto {
  const byTarget = Map.groupBy(
    events.filter((event): event is TargetEvent => 'target' in event),
    ({ target }) => target,
  );
  const items: TargetItemDto[] = [];
  for (let at = firstTarget; at < targets.length; at += 1) {
    const target = targets[at] ?? '';
    const own: readonly Item[] = itemsOf(byTarget.get(target) ?? []);
    const from = at === firstTarget ? firstItem : 0;
    const taken = own.slice(from, from + limit - items.length);
    items.push(...taken.map((item) => ({ ...item, target })));
    const next = from + taken.length;
    if (next < own.length) return { items, nextPageToken: encodePosition(`${String(at)}.${String(next)}`) };
  }
  return { items, nextPageToken: null };
}

function positionOf(token: string): readonly number[] | null {
  const position = decodePosition(token);
  return position !== null && /^\d{1,3}\.\d{1,9}$/.test(position) ? position.split('.').map(Number) : null;
}
