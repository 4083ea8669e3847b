import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { writeConfig } from './config-file.ts';

const built = join(import.meta.dirname, '..', 'dist', 'main.js');

/** One line of the log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface BuiltOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to Node, before the program. */
  readonly nodeArguments?: readonly string[];
  /** Started instead of the built program: one that starts it in another way. */
  readonly program?: string;
  /** What the shell is told before it starts it: `ulimit -n 64`. */
  readonly limit?: string;
  /** Given to the program. */
  readonly programArguments?: readonly string[];
}

/** The built program as a process of its own. */
export interface BuiltGateway {
  /** The id of its process. */
  readonly pid: number;
  /** All that it wrote to stdout and stderr. */
  output(): string;
  readonly log: readonly LogLine[];
  /** The first line that fits, as soon as it is there. Rejects if the process ends without it. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** Where it listens. */
  listening(): Promise<{ readonly url: string; readonly managementUrl: string }>;
  signal(name: NodeJS.Signals): void;
  /** The exit code; null after a signal that it did not handle. */
  readonly ended: Promise<number | null>;
  /** Ends it, in order or not. */
  close(): Promise<void>;
}

interface Waiting {
  readonly fits: (line: LogLine) => boolean;
  readonly resolve: (line: LogLine) => void;
  readonly reject: (reason: Error) => void;
}

/** Starts the built program with this configuration and nothing else in its environment. */
export function startBuilt(config: string, options: BuiltOptions = {}): BuiltGateway {
  if (!existsSync(built)) throw new Error('There is no built program: run `npm run build` first.');
  const { environment = {}, nodeArguments = [], program = built, programArguments = [], limit } = options;
  const { file, drop } = writeConfig(config);
  const command = [process.execPath, ...nodeArguments, program, ...programArguments];
  const limited = limit === undefined ? command : ['/bin/sh', '-c', `${limit} && exec "$@"`, 'sh', ...command];
  const [started = '', ...rest] = limited;
  const child = spawn(started, rest, {
    env: { ...gatewayEnvironment, LOG_LEVEL: 'trace', SLUICE_CONFIG: file, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: string[] = [];
  const log: LogLine[] = [];
  let waiting: Waiting[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  }
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as LogLine;
    log.push(line);
    for (const { fits, resolve } of waiting) if (fits(line)) resolve(line);
    waiting = waiting.filter(({ fits }) => !fits(line));
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      drop();
      for (const { reject } of waiting) reject(new Error(`It ended with ${String(code)}:\n${pieces.join('')}`));
      waiting = [];
      resolve(code);
    });
  });
  const line = (fits: Waiting['fits']): Promise<LogLine> => {
    const known = log.find(fits);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => waiting.push({ fits, resolve, reject }));
  };
  return {
    pid: child.pid ?? 0,
    output: () => pieces.join(''),
    log,
    line,
    listening: async () => {
      const { url, managementUrl } = await line(({ msg }) => msg === 'listening');
      return { url: String(url), managementUrl: String(managementUrl) };
    },
    signal: (name) => child.kill(name),
    ended,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
