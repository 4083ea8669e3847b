import type { Notice } from '../../core/model/notice.js';
import type { Outbox, OutboxMessage, OutboxRoutes, TakenMessage, WaitingMessages } from '../../core/record/outbox.js';

/** A message that waits. */
interface KeptMessage {
  readonly message: OutboxMessage;
  readonly createdAt: number;
  dueAt: number;
  attempts: number;
}

/** Messages to receivers, in memory: gone with the process. */
export class MemoryOutbox implements Outbox {
  readonly #kept = new Map<string, KeptMessage>();
  #routes: OutboxRoutes | null = null;

  use(routes: OutboxRoutes): void {
    this.#routes = routes;
  }

  /** Keeps the messages about what was just written. */
  keep(notices: readonly Notice[] = []): void {
    const messages = notices.length === 0 ? [] : (this.#routes?.messagesOf(notices) ?? []);
    const at = notices[0]?.at ?? 0;
    for (const message of messages) {
      const key = keyOf(message);
      if (!this.#kept.has(key)) this.#kept.set(key, { message, createdAt: at, dueAt: at, attempts: 0 });
    }
    if (messages.length > 0) this.#routes?.onWritten();
  }

  add(notices: readonly Notice[]): Promise<void> {
    this.keep(notices);
    return Promise.resolve();
  }

  waiting(now: number): Promise<readonly WaitingMessages[]> {
    const byReceiver = Map.groupBy(this.#kept.values(), ({ message }) => message.receiver);
    return Promise.resolve(
      [...byReceiver].map(([receiver, kept]) => ({
        receiver,
        count: kept.length,
        oldestMs: now - Math.min(...kept.map(({ createdAt }) => createdAt)),
        dueInMs: Math.min(...kept.map(({ dueAt }) => dueAt)) - now,
      })),
    );
  }

  take(receiver: string, limit: number, now: number, forMs: number): Promise<readonly TakenMessage[]> {
    const due = this.#of(receiver).filter(({ dueAt }) => dueAt <= now);
    const taken = due.toSorted((left, right) => left.dueAt - right.dueAt).slice(0, limit);
    for (const kept of taken) {
      kept.dueAt = now + forMs;
      kept.attempts += 1;
    }
    return Promise.resolve(
      taken.map(({ message, attempts, createdAt }) => ({ ...message, attempts, ageMs: now - createdAt })),
    );
  }

  postpone(message: OutboxMessage, now: number, afterMs: number): Promise<void> {
    const kept = this.#kept.get(keyOf(message));
    if (kept) kept.dueAt = now + afterMs;
    return Promise.resolve();
  }

  delete(message: OutboxMessage): Promise<void> {
    this.#kept.delete(keyOf(message));
    return Promise.resolve();
  }

  trim(receiver: string, most: number): Promise<number> {
    const all = this.#of(receiver);
    return this.#deleteAll(all.slice(0, Math.max(0, all.length - most)));
  }

  forget(receivers: readonly string[], now: number, olderThanMs: number): Promise<number> {
    const isOld = ({ createdAt }: KeptMessage): boolean => createdAt <= now - olderThanMs;
    return this.#deleteAll(
      [...this.#kept.values()].filter((kept) => !receivers.includes(kept.message.receiver) && isOld(kept)),
    );
  }

  #of(receiver: string): readonly KeptMessage[] {
    return [...this.#kept.values()].filter(({ message }) => message.receiver === receiver);
  }

  #deleteAll(all: readonly KeptMessage[]): Promise<number> {
    for (const { message } of all) this.#kept.delete(keyOf(message));
    return Promise.resolve(all.length);
  }
}

function keyOf({ receiver, id }: OutboxMessage): string {
  return `${receiver} ${id}`;
}
