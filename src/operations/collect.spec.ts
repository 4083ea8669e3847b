import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../core/model/operation.js';
import { collect, summaryDtoOf } from './collect.js';

/** So many operations, newest first, of which every so many can be seen. */
function listOf(count: number, seenEvery = 1) {
  const all = Array.from(
    { length: count },
    (_, at) => ({ id: `op_${String(count - at).padStart(4, '0')}`, targets: [] as const }) as unknown as Operation,
  );
  const reads: (string | null)[] = [];
  const sizes: number[] = [];
  const read = (after: string | null, size: number): Promise<readonly Operation[]> => {
    reads.push(after);
    sizes.push(size);
    const rest = all.filter(({ id }) => after === null || id < after);
    return Promise.resolve(rest.slice(0, size));
  };
  const see = (operation: Operation): Operation | undefined =>
    Number(operation.id.slice(3)) % seenEvery === 0 ? operation : undefined;
  const page = (limit: number, after: string | null = null, isAsked: (one: Operation) => boolean = () => true) =>
    collect(read, (one) => (see(one) && isAsked(one) ? summaryDtoOf(one) : undefined), { after, limit });
  return { page, reads, sizes };
}

const numbers = ({ items }: { readonly items: readonly Pick<Operation, 'id'>[] }): readonly number[] =>
  items.map(({ id }) => Number(id.slice(3)));

describe('collect', () => {
  it.each([
    [10, 1, 3],
    [10, 3, 2],
    [9, 1, 9],
    [12, 4, 4],
    [1, 1, 1],
    [0, 1, 5],
    [100, 7, 1],
  ])('gives each of %d operations once, every %dth seen, page by page of %d', async (count, seenEvery, limit) => {
    const { page } = listOf(count, seenEvery);
    const found: number[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 50; pages += 1) {
      const one = await page(limit, after);
      found.push(...numbers(one));
      expect(one.items.length).toBeLessThanOrEqual(limit);
      if (one.next === null) break;
      expect(one.items).toHaveLength(limit);
      after = one.next;
    }
    const expected = Array.from({ length: count }, (_, at) => count - at).filter((at) => at % seenEvery === 0);
    expect(found).toEqual(expected);
  });

  it('says that there is no more where exactly a page is left', async () => {
    const { page } = listOf(4);
    expect(await page(4)).toMatchObject({ next: null });
    expect(await page(3)).toMatchObject({ next: 'op_0002' });
  });

  it('leaves out what was not asked for', async () => {
    const { page } = listOf(6);
    expect(numbers(await page(2, null, ({ id }) => id > 'op_0003'))).toEqual([6, 5]);
    expect(numbers(await page(9, null, ({ id }) => id < 'op_0003'))).toEqual([2, 1]);
  });

  it('reads so much for a page and no more, and goes on from there', async () => {
    const { page, reads } = listOf(1000, 5000);
    const first = await page(5);
    expect(first.items).toEqual([]);
    expect(reads).toHaveLength(50);
    expect(first.next).toBe('op_0701');
    reads.splice(0);
    await page(5, first.next);
    expect(reads[0]).toBe('op_0701');
  });

  it('reads one more than a page at once, at most 200, and nothing behind the end', async () => {
    const { page, sizes } = listOf(300);
    await page(1);
    expect(sizes.splice(0)).toEqual([2]);
    await page(99, 'op_0051');
    expect(sizes.splice(0)).toEqual([100]);
    await page(1000);
    expect(sizes).toEqual([200, 200]);
  });
});
