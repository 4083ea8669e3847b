import { Counter, Gauge, type Registry } from 'prom-client';
import type { ApprovalTold } from '../../core/engine/listeners.js';
import type { Target } from '../../core/model/target.js';

const events = ['requested', 'approved', 'rejected', 'withdrawn', 'expired'] as const;

/** What is counted of approvals, and of those who did without. */
export class ApprovalMetrics {
  readonly #approvals: Counter;
  readonly #emergencies: Counter;

  /** When those that wait were asked for, in milliseconds since the epoch. */
  constructor(registry: Registry, waiting: () => readonly number[]) {
    const registers = [registry];
    this.#approvals = new Counter({
      name: 'sluice_approvals_total',
      help: 'Approvals that were asked for, and what became of them.',
      labelNames: ['event'],
      registers,
    });
    this.#emergencies = new Counter({
      name: 'sluice_break_glass_total',
      help: 'Calls that were carried out without an approval in an emergency, by target.',
      labelNames: ['target'],
      registers,
    });
    for (const event of events) this.#approvals.inc({ event }, 0);
    new Gauge({
      name: 'sluice_approvals_waiting',
      help: 'Operations that wait for an approval, whichever replica was asked for them.',
      registers,
      collect() {
        this.set(waiting().length);
      },
    });
    new Gauge({
      name: 'sluice_approvals_waiting_oldest_seconds',
      help: 'For how long the oldest operation that waits for an approval has done so; 0 if none does.',
      registers,
      collect() {
        const oldest = Math.min(...waiting());
        this.set(oldest === Infinity ? 0 : Math.max(0, Date.now() - oldest) / 1000);
      },
    });
  }

  /** Starts the series of every target at zero, so that a first event is an increase. */
  startAtZero(targets: readonly Target[]): void {
    for (const { name: target } of targets) this.#emergencies.inc({ target }, 0);
  }

  told({ is, operation }: ApprovalTold): void {
    if (is !== 'breakGlass') this.#approvals.inc({ event: is });
    else for (const { target } of operation.targets) this.#emergencies.inc({ target });
  }
}
