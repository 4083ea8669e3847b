import type { Clock } from '../../core/model/clock.js';
import type { Call, Node } from '../../core/model/target.js';

/** Nodes that were found are asked for again after this long. */
const foundMs = 60_000;
/** An account without the right to ask for nodes is refused each time: it is not asked for more often than this. */
const failedMs = 600_000;
/** The longest that a look at configured nodes waits to hear of others. */
const othersMs = 3000;

type FindNodes = (call: Call) => Promise<readonly Node[]>;

/** The nodes of one instance as its vendor told them lately. */
export class NodeMemory {
  readonly #find: FindNodes;
  readonly #clock: Clock;
  #known: readonly Node[] | null = null;
  #until = 0;
  #asking: Promise<readonly Node[] | null> | null = null;

  constructor(find: FindNodes, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  /** As they were told last, however long ago; null if they never were, or cannot be. */
  get last(): readonly Node[] | null {
    return this.#known;
  }

  /** As they were told a moment ago, or are now. Rejects with Failure where the vendor does not tell. */
  async nodes(call: Call): Promise<readonly Node[]> {
    if (this.#known !== null && this.#clock.now() < this.#until) return this.#known;
    return this.#keep(await this.#find(call));
  }

  /** The same beside something else that is asked: null where the vendor does not tell, or not soon. */
  async beside(call: Call): Promise<readonly Node[] | null> {
    if (this.#clock.now() < this.#until) return this.#known;
    this.#asking ??= this.#ask(call).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** One of them is refused: it may be gone. */
  forget(): void {
    this.#until = 0;
  }

  async #ask({ requestId, span }: Call): Promise<readonly Node[] | null> {
    // Others wait for it, too: it ends with none of their calls.
    const now = this.#clock.now();
    const own = {
      requestId,
      signal: new AbortController().signal,
      deadline: now + othersMs,
      ...(span ? { span } : {}),
    };
    try {
      return this.#keep(await this.#find(own));
    } catch {
      this.#known = null;
      this.#until = now + failedMs;
      return null;
    }
  }

  #keep(nodes: readonly Node[]): readonly Node[] {
    this.#known = nodes;
    this.#until = this.#clock.now() + foundMs;
    return nodes;
  }
}
