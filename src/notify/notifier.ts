import type { RefusalTold } from '../core/engine/listeners.js';
import type { Clock } from '../core/model/clock.js';
import type { Outbox, WaitingMessages } from '../core/record/outbox.js';
import { CapRefusals } from './cap-refusals.js';
import { Delivery } from './delivery.js';
import type { ReceiverConfig } from './notify.config.js';
import { openPost, type ReceiverPost } from './post.js';
import { giveUpAfterMs } from './retries.js';
import { routerFor } from './router.js';
import type { LostReason, NotifyWatcher } from './watcher.js';

/** So many messages go to one receiver side by side. */
const sideBySide = 4;
/** For how long nobody else takes a message that is being sent: longer than that can take. */
const takenMs = 30_000;
/** How often it is looked for what other replicas left, where anybody is notified, and where nobody is. */
const lookEveryMs = { some: 5000, none: 60_000 };
/** The newest that are kept for a receiver: of one that is not there, the store must not fill. */
const mostWaiting = 1000;

/** What notifying needs. */
export interface NotifyParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly watcher: NotifyWatcher;
  /** Put before the paths that are told. */
  readonly basePath: string;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Another way to the receivers, for tests. */
  readonly openPost?: typeof openPost;
}

/** A receiver, and how many messages are on their way there. */
interface OpenReceiver {
  readonly name: string;
  readonly post: ReceiverPost;
  inFlight: number;
}

/** Sends what waits in the outbox to its receivers, apart from whatever else is going on. */
export class Notifier {
  readonly #parts: NotifyParts;
  readonly #refusals = new CapRefusals();
  readonly #delivery: Delivery;
  readonly #stopped = new AbortController();
  #receivers: readonly OpenReceiver[] = [];
  /** Those that were notified before, and what waits for them is not dropped yet. */
  #removed: readonly string[] = [];
  #woken = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: NotifyParts) {
    this.#parts = parts;
    this.#delivery = new Delivery({ ...parts, random: parts.random ?? Math.random });
  }

  /** From now on these are notified. What waits for others that were before is dropped. */
  use(configs: readonly ReceiverConfig[]): void {
    const { outbox, clock, watcher, basePath } = this.#parts;
    const open = this.#parts.openPost ?? openPost;
    const before = this.#receivers;
    const names = configs.map(({ name }) => name);
    this.#receivers = configs.map((config) => ({
      name: config.name,
      post: open(config, clock, sideBySide),
      inFlight: 0,
    }));
    const known = [...new Set([...this.#removed, ...before.map(({ name }) => name)])];
    this.#removed = known.filter((name) => !names.includes(name));
    outbox.use({ messagesOf: routerFor(configs, basePath), onWritten: this.#wake });
    watcher.use(names);
    for (const { post } of before) void post.close();
    this.#wake();
  }

  /** Notifies of a call that caps have refused. Its caller is answered at once, whether that can be written or not. */
  refused(told: RefusalTold): void {
    const { outbox, clock, watcher } = this.#parts;
    const notice = this.#refusals.notice(told, clock.now());
    if (!notice) return;
    outbox.add([notice]).catch((thrown: unknown) => {
      watcher.storeFailed(thrown);
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Takes nothing more, and resolves soon: what was not received by then is left to others. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#delivery.stop();
    await Promise.all(this.#receivers.map(({ post }) => post.close()));
  }

  readonly #wake = (): void => {
    this.#woken.abort();
  };

  async #run(): Promise<void> {
    const { clock, watcher } = this.#parts;
    while (!this.#stopped.signal.aborted) {
      this.#woken = new AbortController();
      let pauseMs = this.#receivers.length > 0 ? lookEveryMs.some : lookEveryMs.none;
      try {
        pauseMs = Math.min(pauseMs, await this.#look());
      } catch (thrown) {
        watcher.storeFailed(thrown);
      }
      await clock.sleep(pauseMs, AbortSignal.any([this.#stopped.signal, this.#woken.signal]));
    }
  }

  /** Sends what is due, and gives in how many milliseconds more will be. */
  async #look(): Promise<number> {
    const { outbox, clock, watcher } = this.#parts;
    for (const name of this.#removed) this.#lose(name, await outbox.trim(name, 0), 'removed');
    this.#removed = [];
    const waiting = await outbox.waiting(clock.now());
    watcher.waiting(waiting);
    const receivers = this.#receivers;
    await this.#forgetUnknown(waiting);
    let nextMs = Infinity;
    for (const { receiver: name, count, dueInMs } of waiting) {
      const receiver = receivers.find((one) => one.name === name);
      if (!receiver) continue;
      if (count > mostWaiting) this.#lose(name, await outbox.trim(name, mostWaiting), 'room');
      // Once one of those that are on their way is through, it is looked again.
      if (receiver.inFlight >= sideBySide) continue;
      if (dueInMs > 0) nextMs = Math.min(nextMs, dueInMs);
      else await this.#sendDue(receiver);
    }
    return nextMs;
  }

  async #sendDue(receiver: OpenReceiver): Promise<void> {
    const { outbox, clock } = this.#parts;
    const free = sideBySide - receiver.inFlight;
    for (const message of await outbox.take(receiver.name, free, clock.now(), takenMs)) {
      receiver.inFlight += 1;
      this.#delivery.begin(receiver.post, message, () => {
        receiver.inFlight -= 1;
        this.#wake();
      });
    }
  }

  /** Of those that this configuration never knew, what is left is dropped once it would have been given up. */
  async #forgetUnknown(waiting: readonly WaitingMessages[]): Promise<void> {
    const { outbox, clock } = this.#parts;
    const names = this.#receivers.map(({ name }) => name);
    if (!waiting.some(({ receiver, oldestMs }) => !names.includes(receiver) && oldestMs >= giveUpAfterMs)) return;
    this.#lose('none', await outbox.forget(names, clock.now(), giveUpAfterMs), 'removed');
  }

  #lose(receiver: string, count: number, why: LostReason): void {
    if (count > 0) this.#parts.watcher.lost(receiver, count, why, null);
  }
}
