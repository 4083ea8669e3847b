import 'reflect-metadata';
import { startApp, version, type RunningApp } from './app.js';
import { backends } from './backends/backends.module.js';
import { readEnvironment, type Environment } from './platform/config/environment.js';
import { InvalidConfiguration } from './platform/config/errors.js';
import { BadUsage, readOptions, usage, type Options } from './platform/config/options.js';
import { endOnCrash } from './platform/entry/crash.js';
import { openSource, type Source } from './platform/live/reload.js';
import { openLog, tellError, type Logger } from './platform/telemetry/log.js';
import type { Tracer } from './platform/telemetry/request-trace.js';
import { StoreUnusable } from './store/database.js';
import { verifyStore } from './store/verify/verify-store.js';

/** Exit codes of sysexits: the command line is wrong, the configuration cannot be used. */
const usageExit = 64;
const configExit = 78;
/** Whether the record is valid could not be told. */
const unknownExit = 2;

/** Hands over what stops the program from now on. */
type OnStop = (stop: (signal: NodeJS.Signals) => void) => void;

/**
 * Does what the command line says: serves, checks a configuration, or tells how it is used. Ends the process if it
 * cannot.
 */
export async function run(onStop: OnStop): Promise<void> {
  try {
    const environment = readEnvironment();
    const options = readOptions(process.argv.slice(2));
    if (options.does === 'help') tell(usage);
    else if (options.does === 'version') tell(version);
    else if (options.does === 'check') checkConfig(options, environment);
    else if (options.does === 'verify') await verifyRecord(options, environment);
    else await serve(environment, onStop);
  } catch (thrown) {
    endUnstarted(thrown);
  }
}

function checkConfig({ file: named, withoutSecrets }: Options, { file: usual, variables }: Environment): void {
  const file = named ?? usual;
  const { configuration } = openSource(file, backends, variables, { withoutSecrets });
  for (const warning of configuration.warnings) process.stderr.write(`warning: ${warning}\n`);
  tell(`${file} is valid: ${String(configuration.targets.length)} targets.`);
}

/** Reads the record and nothing else. That it is not valid is an answer; that it cannot be read is none. */
async function verifyRecord({ file, record }: Options, { file: usual, variables }: Environment): Promise<void> {
  const { store, seals, json } = record ?? { store: null, seals: null, json: false };
  const named = storeNamed(store, variables) ?? openSource(file ?? usual, backends, variables).configuration.store;
  try {
    const { valid, text } = await verifyStore({ store: named, seals, json });
    tell(text);
    process.exitCode = valid ? 0 : 1;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    end(unknownExit, `The record could not be verified: ${why}`);
  }
}

/** The store that the command line names; undefined if it names none. Throws BadUsage if its URL is not given. */
function storeNamed(
  store: string | null,
  variables: NodeJS.ProcessEnv,
): { path: string } | { url: string } | undefined {
  if (store === null) return undefined;
  if (store !== 'postgres') return { path: store.replace('sqlite:', '') };
  const { SLUICE_STORE_URL: url = '' } = variables;
  if (url === '')
    throw new BadUsage('SLUICE_STORE_URL is not set: it says where PostgreSQL is, as store.postgres.url.');
  return { url };
}

async function serve({ file, logLevel, traces, variables }: Environment, onStop: OnStop): Promise<void> {
  const source = openSource(file, backends, variables);
  const log = openLog(logLevel, version);
  endOnCrash(log);
  const reload = followHangups();
  const tracer = traces ? await openTracer(log) : null;
  const running = await start(source, log, tracer);
  reload(running);
  onStop((signal) => {
    stop(running, log, signal);
  });
}

/** Without a listener the signal would end the program, even before there is anything to reload. */
function followHangups(): (running: RunningApp) => void {
  let running: RunningApp | null = null;
  process.on('SIGHUP', () => running?.reload());
  return (started) => {
    running = started;
  };
}

/** Nothing of it is loaded where nobody collects. */
async function openTracer(log: Logger): Promise<Tracer | null> {
  const { openTracing } = await import('./platform/telemetry/tracing.js');
  return openTracing(log, version);
}

async function start(source: Source, log: Logger, tracer: Tracer | null): Promise<RunningApp> {
  const { configuration } = source;
  for (const warning of configuration.warnings) log.warn({ warning }, 'configuration is valid, but odd');
  const running = await startApp(configuration, log, { source, ...(tracer ? { tracer } : {}) });
  const { url, managementUrl } = running;
  log.info({ url, managementUrl, targets: configuration.targets.length }, 'listening');
  return running;
}

function stop(running: RunningApp, log: Logger, signal: NodeJS.Signals): void {
  log.info({ signal }, 'stopping');
  running.stop().then(
    (clean) => {
      log.info({ clean }, 'stopped');
      if (!running.isHeldUp) process.exit(0);
      // Nothing else ends a process that reads a file on a disk that does not answer. The log is written by then.
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10);
    },
    (thrown: unknown) => {
      log.fatal({ err: thrown }, 'could not be stopped as it should');
      process.exit(1);
    },
  );
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Tells in a sentence why the program could not start. */
function endUnstarted(thrown: unknown): never {
  if (thrown instanceof BadUsage) end(usageExit, `${thrown.message}\n\n${usage}`);
  if (thrown instanceof InvalidConfiguration) end(configExit, thrown.message);
  if (thrown instanceof StoreUnusable) end(1, thrown.message);
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')
    end(1, `The port is taken: ${thrown.message}`);
  return end(1, `Sluice could not start: ${JSON.stringify(tellError(thrown))}`);
}

function end(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
