import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { Agent } from 'undici';
import { demoKeys, gatewayConfig, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type VendorOptions, type Vendors } from '../sandbox/vendors.ts';
import type { LookAnswer } from '../src/core/look/look.js';
import type { Operation } from '../src/core/model/operation.js';
import { startApp, version } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import { loadConfiguration } from '../src/platform/config/load.js';
import type { AnsweredProblem } from '../src/platform/http/send-problem.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { startBuilt } from './built-gateway.ts';
import { writeConfig } from './config-file.ts';
import { holdToContract } from './openapi-contract.ts';

export { demoKeys } from '../sandbox/gateway-config.ts';
export { writeConfig } from './config-file.ts';

/** The configuration of a gateway, open to change before it is checked. */
export interface Config {
  server: Record<string, unknown>;
  limits?: object;
  reason?: string;
  approval?: object;
  auth: { apiKeys: object[]; jwt: object[] };
  connections: Record<string, Record<string, unknown>>;
  targets: ({ name: string; backend: string; connection: string } & Record<string, unknown>)[];
}

export interface GatewayOptions {
  /** Shared vendors are neither reset nor closed; vendors of its own are started otherwise. */
  readonly vendors?: Vendors;
  readonly vendorOptions?: VendorOptions;
  /** Timeouts, breaker and concurrency of every connection. */
  readonly traffic?: object;
  readonly server?: object;
  /** Signs requests to Huawei instead of taking a token. */
  readonly signed?: boolean;
  /** With the targets `archive` and `billing`; vendors of its own are loaded with what they hold. */
  readonly loaded?: boolean;
  /** More in its environment: secrets that the changed configuration names. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Changes the configuration before it is written. */
  readonly change?: (config: Config) => void;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Text and bytes go as they are, a stream in chunks; anything else as JSON. */
  readonly body?: unknown;
  /** The key of the caller; null for none. The demo operator's if absent. */
  readonly key?: string | null;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined if it is none. */
  readonly body: unknown;
}

/** The answer of a mutating call, or of a look at an operation. */
export function operationOf({ body }: Answer): Operation {
  return body as Operation;
}

export function problemOf({ body }: Answer): AnsweredProblem {
  return body as AnsweredProblem;
}

export function lookOf({ body }: Answer): Pick<LookAnswer, 'items' | 'targets'> & { nextPageToken: string | null } {
  return body as Pick<LookAnswer, 'items' | 'targets'> & { nextPageToken: string | null };
}

export function listOf({ body }: Answer): { items: Operation[]; nextPageToken: string | null } {
  return body as { items: Operation[]; nextPageToken: string | null };
}

export interface Gateway {
  readonly url: string;
  /** Where health and metrics are. */
  readonly managementUrl: string;
  readonly vendors: Vendors;
  /** What was logged so far, at every level. */
  readonly log: readonly object[];
  /**
   * One request over a real socket. The path goes out as it is written. The answer is held against the API's document.
   */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /**
   * Sends bytes as they are, and resolves to all that came back once the server has closed; it may be told that no more
   * comes.
   */
  raw(bytes: string | Buffer, options?: { readonly hangsUp: boolean }): Promise<string>;
  close(): Promise<void>;
}

export function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** A machine that is busy with something else makes an event loop late, too: only suites about overload mind. */
export const patientLimits = { overload: { eventLoopDelayMs: 10_000 } };

/** The configuration of the sandbox, for a gateway that stops at once. */
export function configFor(vendors: Vendors, { traffic, server, signed, loaded, change }: GatewayOptions = {}): Config {
  const options = { server: { drain: { delaySeconds: 0, timeoutSeconds: 1 }, ...server }, traffic, signed, loaded };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const config = JSON.parse(gatewayConfig(vendors.urls, Object.fromEntries(given))) as Config;
  config.limits = patientLimits;
  // Only suites about reasons mind whether one is told.
  config.reason = 'optional';
  change?.(config);
  return config;
}

/** Sluice, started. */
interface Started extends Pick<Gateway, 'url' | 'managementUrl' | 'log'> {
  readonly stop: () => Promise<unknown>;
}

/**
 * Starts Sluice on a free port, in front of emulated vendors: its sources, or with `GATEWAY=built` what is built of
 * them.
 */
export async function openGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const vendors =
    options.vendors ?? (await startVendors({ loaded: options.loaded ?? false, ...options.vendorOptions }));
  const config = JSON.stringify(configFor(vendors, options));
  const { stop, ...started } = await (process.env['GATEWAY'] === 'built'
    ? startProgram(config, options.environment)
    : startSources(config, options.environment));
  const agent = new Agent({ keepAliveTimeout: 1000, connections: 200 });
  return {
    ...started,
    vendors,
    call: (method, path, call) => send(agent, started.url, method, path, call),
    raw: (bytes, { hangsUp } = { hangsUp: false }) => exchange(new URL(started.url), bytes, hangsUp),
    close: async () => {
      await agent.destroy();
      await stop();
      if (!options.vendors) await vendors.close();
    },
  };
}

/** As `main` does, within this process. */
async function startSources(config: string, environment: Readonly<Record<string, string>> = {}): Promise<Started> {
  const { file, drop } = writeConfig(config);
  const lines: object[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as object);
  };
  const log = openLog('trace', version, { write });
  const configuration = loadConfiguration(file, backends, { ...gatewayEnvironment, ...environment });
  drop();
  const running = await startApp(configuration, log);
  return { url: running.url, managementUrl: running.managementUrl, log: lines, stop: () => running.stop() };
}

async function startProgram(config: string, environment: Readonly<Record<string, string>> = {}): Promise<Started> {
  const built = startBuilt(config, { environment });
  const stop = (): Promise<number | null> => {
    built.signal('SIGTERM');
    return built.ended;
  };
  return { ...(await built.listening()), log: built.log, stop };
}

async function send(agent: Agent, url: string, method: string, path: string, call: CallOptions = {}): Promise<Answer> {
  const { headers = {}, body, key = demoKeys.operator, signal } = call;
  const asItIs = typeof body === 'string' || Buffer.isBuffer(body) || body instanceof Readable;
  const { origin, pathname } = new URL(url);
  const answer = await agent.request({
    origin,
    path: `${pathname === '/' ? '' : pathname}${path}`,
    method,
    headers: {
      ...(key === null ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : asItIs ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
  const text = await answer.body.text();
  const held: Answer = {
    status: answer.statusCode,
    headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
    text,
    body: /[/+]json\b/.test(String(answer.headers['content-type'])) ? (JSON.parse(text) as unknown) : undefined,
  };
  holdToContract(method, path, held);
  return held;
}

async function exchange({ hostname, port }: URL, bytes: string | Buffer, hangsUp: boolean): Promise<string> {
  const socket = connect(Number(port), hostname);
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  // A server that cuts us off may reset the connection: what it said before counts.
  socket.on('error', () => undefined);
  if (hangsUp) socket.end(bytes);
  else socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(pieces).toString();
}
