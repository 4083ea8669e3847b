import { overlapOf, type Page } from './whole-list.js';

type PageFrom = (offset: number, limit: number) => Promise<Page>;

/**
 * Asks for the next page together with the one that is wanted, where the vendor told that there is one: it travels
 * while the other is read. For lists that stand still only; where another page is wanted after all, it was asked for in
 * vain.
 */
export function oneAhead(pageFrom: PageFrom): PageFrom {
  let total = 0;
  let ahead: { readonly offset: number; readonly limit: number; readonly page: Promise<Page> } | null = null;
  const ask: PageFrom = async (offset, limit) => {
    const page = await pageFrom(offset, limit);
    total = page.total ?? total;
    return page;
  };
  return (offset, limit) => {
    const wanted = ahead?.offset === offset && ahead.limit === limit ? ahead.page : ask(offset, limit);
    const next = offset + limit - overlapOf(limit);
    ahead = next < total ? { offset: next, limit, page: ask(next, limit) } : null;
    // Whoever wants it hears of its failure.
    ahead?.page.catch(() => undefined);
    return wanted;
  };
}
