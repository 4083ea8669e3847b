import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { gatewayEnvironment } from './gateway-config.ts';

/** The level of the gateway's log: never so quiet that it does not say where it listens. */
const logLevel = /^(?:trace|debug)$/i.exec(process.env['LOG_LEVEL'] ?? '')?.[0] ?? 'info';
const withParent = pathToFileURL(join(import.meta.dirname, 'with-parent.ts')).href;

/** Sluice, running as a program of its own. */
export interface GatewayProcess {
  /** Its address, once it listens; rejects with what it wrote if it ends before. */
  readonly listening: Promise<string>;
  readonly ended: Promise<number | null>;
  stop(): Promise<number | null>;
}

/** Starts Sluice as its users do. It stops with us, even if we are killed. */
export function startGateway(program: string, config: string): GatewayProcess {
  const child = spawn(process.execPath, ['--import', withParent, program], {
    env: { ...process.env, ...gatewayEnvironment, LOG_LEVEL: logLevel, SLUICE_CONFIG: config },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C reaches us alone, and we stop it in our own order.
    detached: true,
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const listening = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      process.stdout.write(`${line}\n`);
      const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
      if (msg === 'listening' && url !== undefined) resolve(url);
    });
    void ended.then((code) => {
      reject(new Error(errors.join('').trim() || `Sluice ended with exit code ${String(code)}.`));
    });
  });
  listening.catch(() => undefined);
  return {
    listening,
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
