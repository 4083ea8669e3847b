import type { Logger } from '../telemetry/log.js';

/**
 * Ends the process with one line about an error that nobody caught, rejections included. Node's own report would print
 * all that a library put on the error, addresses and headers among it.
 */
export function endOnCrash(log: Logger): void {
  process.on('uncaughtException', (thrown) => {
    log.fatal({ err: thrown }, 'crashed');
    process.exit(1);
  });
}
