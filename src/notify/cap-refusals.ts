import type { RefusalTold } from '../core/engine/listeners.js';
import type { FailureKind } from '../core/model/failure.js';
import type { Notice } from '../core/model/notice.js';

/** What caps and budgets refuse. */
const ofCaps: ReadonlySet<FailureKind> = new Set(['too-many-processes', 'kill-budget-exhausted']);
/** The same refusal of the same caller is told once in so many milliseconds. */
const quietMs = 60_000;
/** So many are remembered. */
const mostKept = 1000;
const targetsTold = 20;
const longestText = 500;

/** Which refusals receivers are notified of: those of caps, and of a script that tries again and again, the first. */
export class CapRefusals {
  readonly #toldAt = new Map<string, number>();

  /** What is told of a refusal; null if nothing is. */
  notice({ call, requestId, failure }: RefusalTold, at: number): Notice | null {
    if (!ofCaps.has(failure.kind)) return null;
    const { request, caller, by, targets } = call;
    const names = targets.map(({ name }) => name);
    if (!this.#isNews(JSON.stringify([caller, request.kind, failure.kind, names]), at)) return null;
    const cut = (text: string | null): string | null => text && text.slice(0, longestText);
    return {
      kind: 'capRefused',
      type: 'call.capRefused',
      id: `msg_${crypto.randomUUID().replaceAll('-', '')}`,
      at,
      targets: names,
      operation: null,
      facts: () => ({
        kind: request.kind,
        mode: request.kind === 'sessions.flush' ? request.mode : null,
        code: failure.kind,
        detail: cut(failure.message),
        requestedBy: caller.slice(0, longestText),
        ...(by.displayName === undefined ? {} : { requestedByName: by.displayName.slice(0, longestText) }),
        ...{ onBehalfOf: cut(request.onBehalfOf), reason: cut(request.reason), requestId },
        targets: names.slice(0, targetsTold),
        targetsOmitted: Math.max(0, names.length - targetsTold),
      }),
    };
  }

  #isNews(key: string, at: number): boolean {
    if (at < (this.#toldAt.get(key) ?? -Infinity) + quietMs) return false;
    // The newest are last.
    this.#toldAt.delete(key);
    this.#toldAt.set(key, at);
    const [oldest] = this.#toldAt.keys();
    if (this.#toldAt.size > mostKept && oldest !== undefined) this.#toldAt.delete(oldest);
    return true;
  }
}
