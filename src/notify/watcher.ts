import type { WaitingMessages } from '../core/record/outbox.js';

/** Why a message is never sent. */
export type LostReason = 'age' | 'gone' | 'room' | 'removed';

/** Told of what becomes of notifications. */
export interface NotifyWatcher {
  /** These receivers are notified from now on. */
  use(receivers: readonly string[]): void;
  sent(receiver: string): void;
  /** One try failed: it is tried again. */
  failed(receiver: string, why: string): void;
  /** So many are given up; which one, where it is one. */
  lost(receiver: string, count: number, why: LostReason, id: string | null): void;
  waiting(waiting: readonly WaitingMessages[]): void;
  /** The outbox cannot be used now. */
  storeFailed(thrown: unknown): void;
}
