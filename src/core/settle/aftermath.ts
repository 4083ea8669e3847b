import type { OpenRecord } from '../record/open-record.js';
import { canSettle, settle } from './settle.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';
import { watchDrain, watchedDrain } from './watch-drain.js';

/** What is done for operations after they have ended: the unknown is settled, drains are watched. */
export class Aftermath {
  /** A target's drain is watched for the newest flush alone. */
  readonly #watches = new Map<string, { readonly operation: string; readonly superseded: AbortController }>();

  /** Is there anything left to do? */
  isNeeded(record: OpenRecord, targets: Pick<Targets, 'named'>): boolean {
    return record.targets.some((name) => {
      const target = targets.named(name);
      return target && (canSettle(record, target) || watchedDrain(record, name));
    });
  }

  /** Resolves once nothing more is to be expected, or the operation is not ours any more. */
  async run(record: OpenRecord, targets: Pick<Targets, 'named'>): Promise<void> {
    await Promise.all(
      record.targets.map(async (name) => {
        const target = targets.named(name);
        if (!target) return;
        if (canSettle(record, target)) await settle(record, target);
        if (watchedDrain(record, name)) await this.#watch(record, target);
      }),
    );
  }

  async #watch(record: OpenRecord, target: Target): Promise<void> {
    const watched = this.#watches.get(target.name);
    const superseded = new AbortController();
    // Ids sort by the time they were made: an older flush may have been found only now.
    if (watched && watched.operation > record.id) superseded.abort();
    else {
      watched?.superseded.abort();
      this.#watches.set(target.name, { operation: record.id, superseded });
    }
    await watchDrain(record, target, superseded.signal);
    if (this.#watches.get(target.name)?.superseded === superseded) this.#watches.delete(target.name);
  }
}
