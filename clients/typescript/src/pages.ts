import { SluiceError } from './error.ts';
import type { CallOptions, Look, LookedTarget, Process } from './words.ts';

interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string | null;
}

type NextPage = { readonly pageToken?: string };

/** What a look at all pages takes. */
export interface ProcessesOptions extends CallOptions {
  /** Is told with each page how every target was seen: failed, or not whole. Then a failed target is not thrown. */
  readonly onTargets?: ((targets: readonly LookedTarget[]) => void) | undefined;
}

/** The items of all pages, one page at a time. */
export async function* eachOf<Item>(
  askPage: (page: NextPage) => Promise<PageOf<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let page: NextPage = {};
  for (;;) {
    const { items, nextPageToken } = await askPage(page);
    yield* items;
    if (nextPageToken === null) return;
    page = { pageToken: nextPageToken };
  }
}

/** The processes of all pages. A target that failed ends them, unless its caller reads `onTargets`. */
export function processesOf(
  askPage: (page: NextPage) => Promise<Look>,
  { onTargets }: ProcessesOptions,
): AsyncGenerator<Process, void, undefined> {
  return eachOf(async (page) => {
    const look = await askPage(page);
    const failed = look.targets.find(({ problem }) => problem);
    if (onTargets) onTargets(look.targets);
    else if (failed?.problem) {
      const { code, detail, retryable, status } = failed.problem;
      throw new SluiceError(`${failed.target}: ${detail}`, { code, status, retryable });
    }
    return look;
  });
}
