import { Counter, Gauge, type Registry } from 'prom-client';
import type { WaitingMessages } from '../../core/record/outbox.js';

/** What can become of a notification, or of one try to send it. */
const outcomes = ['sent', 'failed', 'lost'] as const;
/** Stands for receivers that are not configured any more. */
const nobody = 'none';
type NotifyOutcome = (typeof outcomes)[number];

/** What is counted of notifications, by receiver. */
export class NotifyMetrics {
  readonly #notifications: Counter;
  readonly #waiting: Gauge;
  readonly #oldest: Gauge;
  #receivers: readonly string[] = [];

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['receiver'];
    this.#notifications = new Counter({
      name: 'sluice_notifications_total',
      help: 'Notifications that were sent, tries that failed, and notifications that were given up.',
      labelNames: ['receiver', 'outcome'],
      registers,
    });
    this.#waiting = new Gauge({
      name: 'sluice_notifications_waiting',
      help: 'Notifications that wait for their receiver, whichever replica wrote them.',
      labelNames,
      registers,
    });
    this.#oldest = new Gauge({
      name: 'sluice_notifications_oldest_seconds',
      help: 'For how long the oldest notification of a receiver has been waiting; 0 if none does.',
      labelNames,
      registers,
    });
  }

  /** These are notified from now on; of others nothing is told any more. */
  use(receivers: readonly string[]): void {
    for (const receiver of this.#receivers.filter((one) => !receivers.includes(one))) {
      for (const outcome of outcomes) this.#notifications.remove({ receiver, outcome });
    }
    this.#receivers = receivers;
    for (const receiver of receivers) for (const outcome of outcomes) this.count(receiver, outcome, 0);
    this.waiting([]);
  }

  count(receiver: string, outcome: NotifyOutcome, count = 1): void {
    this.#notifications.inc({ receiver: this.#receivers.includes(receiver) ? receiver : nobody, outcome }, count);
  }

  /** What waits for those that are notified; those that are not named have nothing. */
  waiting(waiting: readonly WaitingMessages[]): void {
    this.#waiting.reset();
    this.#oldest.reset();
    for (const receiver of this.#receivers) {
      const found = waiting.find((one) => one.receiver === receiver);
      this.#waiting.set({ receiver }, found?.count ?? 0);
      this.#oldest.set({ receiver }, Math.max(0, found?.oldestMs ?? 0) / 1000);
    }
  }
}
