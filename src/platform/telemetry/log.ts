import { pino, type DestinationStream, type Logger } from 'pino';
import { Failure } from '../../core/model/failure.js';
import { LineWriter } from './line-writer.js';

export type { Logger } from 'pino';

/** The levels that LOG_LEVEL may name. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One JSON line an event, on stdout unless told otherwise. Errors are told by `tellError`. */
export function openLog(
  level: (typeof logLevels)[number],
  version: string,
  destination: DestinationStream = new LineWriter(1),
): Logger {
  const options = {
    level,
    base: { service: 'sluice', version },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: tellError },
    hooks: { streamWrite: onOneLine },
  };
  return pino(options, destination);
}

/**
 * Some readers of logs end a line at these as well, which JSON leaves as they are: who chose a name could forge a line.
 */
function onOneLine(line: string): string {
  return line.replaceAll(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What may be said of an error. */
export interface ToldError {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it happened. */
  readonly at?: readonly string[];
  readonly cause?: ToldError;
}

const frame = /^ {4}at .+(?::\d+:\d+\)?|\(<anonymous>\))$/;

/**
 * Tells an error by an allow-list: its kind, its code and where it happened. The message only of our own errors: HTTP
 * clients put addresses and headers into theirs, JSON.parse what it could not read, and the runtime the values that it
 * met.
 */
export function tellError(thrown: unknown): ToldError {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { name, message, stack = '', cause } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  // A message of several lines could look like a frame.
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return {
    type: /^\w{1,60}$/.test(name) ? name : 'Error',
    ...(/^[A-Z0-9][A-Z0-9_]{1,60}$/.test(code) ? { code } : {}),
    ...(thrown instanceof Failure ? { message } : {}),
    at: lines.filter((line) => frame.test(line)).map((line) => line.trim()),
    ...(cause === undefined ? {} : { cause: tellError(cause) }),
  };
}
