import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** The levels that LOG_LEVEL may name. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * One JSON line an event, on stdout unless told otherwise. Errors are told by an allow-list: their kind and our own message and stack, nothing that
 * a library put on them, since HTTP clients put URLs and headers there.
 */
export function openLog(
  level: (typeof logLevels)[number],
  version: string,
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options = {
    level,
    base: { service: 'sluice', version },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: tellError },
  };
  return pino(options, destination);
}

/** What may be logged of an error. */
export function tellError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { name, message, stack, cause } = thrown;
  return { type: name, message, stack, ...(cause === undefined ? {} : { cause: tellError(cause) }) };
}
