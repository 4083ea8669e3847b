import type { Clock } from '../core/model/clock.js';
import type { Outbox, OutboxMessage, TakenMessage } from '../core/record/outbox.js';
import type { ReceiverPost } from './post.js';
import { giveUpAfterMs, pauseAfter } from './retries.js';
import type { NotifyWatcher } from './watcher.js';

/** Once it stops, what is being sent gets so long. */
const stopMs = 2000;

interface DeliveryParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly watcher: NotifyWatcher;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Sends messages that were taken, and says in the outbox what came of each. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #cut = new AbortController();
  readonly #sending = new Set<Promise<void>>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Calls back once it is through, whatever came of it. */
  begin(post: ReceiverPost, message: TakenMessage, onDone: () => void): void {
    const sending = this.#send(post, message)
      .catch((thrown: unknown) => {
        this.#parts.watcher.storeFailed(thrown);
      })
      .finally(() => {
        this.#sending.delete(sending);
        onDone();
      });
    this.#sending.add(sending);
  }

  /** Gives back what is not received soon, so that another replica can send it at once. */
  async stop(): Promise<void> {
    const inTime = new AbortController();
    void this.#parts.clock.sleep(stopMs, inTime.signal).then(() => {
      this.#cut.abort();
    });
    await Promise.all(this.#sending);
    inTime.abort();
  }

  /** What the outbox does not take is sent again by whoever takes it next: its id is the same. */
  async #send(post: ReceiverPost, message: TakenMessage): Promise<void> {
    const { outbox, clock, watcher, random } = this.#parts;
    const { receiver, attempts, ageMs } = message;
    const result = await post.send(message, this.#cut.signal);
    if (result.is === 'received') {
      watcher.sent(receiver);
      await outbox.delete(message);
      return;
    }
    if (this.#cut.signal.aborted) {
      await outbox.postpone(message, clock.now(), 0);
      return;
    }
    const pauseMs = Math.round(pauseAfter(attempts, random(), result.retryAfterMs));
    watcher.failed(receiver, result.why);
    if (result.why === 'gone') await this.#giveUp(message, 'gone');
    else if (ageMs + pauseMs > giveUpAfterMs) await this.#giveUp(message, 'age');
    else await outbox.postpone(message, clock.now(), pauseMs);
  }

  async #giveUp(message: OutboxMessage, why: 'age' | 'gone'): Promise<void> {
    const { outbox, watcher } = this.#parts;
    await outbox.delete(message);
    watcher.lost(message.receiver, 1, why, message.id);
  }
}
