import type { Notice } from '../model/notice.js';

/** One message to one receiver. Its id stays the same however often it is sent. */
export interface OutboxMessage {
  /** The name of the receiver. */
  readonly receiver: string;
  readonly id: string;
  /** What is sent, byte for byte. */
  readonly body: string;
}

/** A message that was taken to be sent. */
export interface TakenMessage extends OutboxMessage {
  /** How often it was taken, this time included. */
  readonly attempts: number;
  /** For how many milliseconds it has been waiting. */
  readonly ageMs: number;
}

/** What waits for one receiver. */
export interface WaitingMessages {
  readonly receiver: string;
  readonly count: number;
  /** For how many milliseconds the oldest has been waiting. */
  readonly oldestMs: number;
  /** In how many milliseconds the next one may be taken: 0 or less if that is now. */
  readonly dueInMs: number;
}

/** Who is told of what. */
export interface OutboxRoutes {
  readonly messagesOf: (notices: readonly Notice[]) => readonly OutboxMessage[];
  /** Called whenever messages were written. */
  readonly onWritten: () => void;
}

/**
 * Messages that wait to be sent. Those about operations are written together with what they tell, or not at all. It
 * rejects as the journal does. Times are milliseconds since the epoch.
 */
export interface Outbox {
  /** From now on, messages are made and told of as these say. Before, none is made. */
  use(routes: OutboxRoutes): void;
  /** Writes the messages about what is no operation. */
  add(notices: readonly Notice[]): Promise<void>;
  /** What waits, by receiver. */
  waiting(now: number): Promise<readonly WaitingMessages[]>;
  /** Takes at most so many that are due, the longest due first: nobody else may take them for so many milliseconds. */
  take(receiver: string, limit: number, now: number, forMs: number): Promise<readonly TakenMessage[]>;
  /** It may be taken again after so many milliseconds. */
  postpone(message: OutboxMessage, now: number, afterMs: number): Promise<void>;
  /** It is not sent any more. */
  delete(message: OutboxMessage): Promise<void>;
  /** Deletes the oldest of a receiver, so that so many are left. Gives how many it deleted. */
  trim(receiver: string, most: number): Promise<number>;
  /** Deletes what has waited longer for any other receiver than these. Gives how many it deleted. */
  forget(receivers: readonly string[], now: number, olderThanMs: number): Promise<number>;
}
