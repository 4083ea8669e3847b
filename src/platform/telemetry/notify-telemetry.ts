import type { NotifyWatcher } from '../../notify/watcher.js';
import type { Logger } from './log.js';
import type { NotifyMetrics } from './notify-metrics.js';
import { isStoreDown } from './store-telemetry.js';

/** Tells what becomes of notifications: never where they go, or what they are signed by. */
export function tellNotifications(metrics: NotifyMetrics, log: Logger): NotifyWatcher {
  return {
    use: (receivers) => {
      metrics.use(receivers);
    },
    sent: (receiver) => {
      metrics.count(receiver, 'sent');
    },
    failed: (receiver, why) => {
      metrics.count(receiver, 'failed');
      log.debug({ receiver, why }, 'a notification was not received: it is sent again');
    },
    lost: (receiver, count, why, id) => {
      metrics.count(receiver, 'lost', count);
      log.warn({ receiver, count, why, ...(id === null ? {} : { id }) }, 'notifications were given up');
    },
    waiting: (waiting) => {
      metrics.waiting(waiting);
    },
    storeFailed: (thrown) => {
      // That is told by whoever watches the store.
      if (!isStoreDown(thrown)) log.warn({ err: thrown }, 'notifications could not be sent: it is tried again');
    },
  };
}
