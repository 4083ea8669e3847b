import 'reflect-metadata';
import { startApp, version } from './app.js';
import { backends } from './backends/backends.module.js';
import { readEnvironment } from './platform/config/environment.js';
import { InvalidConfiguration } from './platform/config/errors.js';
import { openSource } from './platform/live/reload.js';
import { endOnCrash } from './platform/entry/crash.js';
import { openLog, tellError } from './platform/telemetry/log.js';
import { StoreUnusable } from './store/database.js';

/** The exit code of a configuration that cannot be used (EX_CONFIG of sysexits). */
const configExit = 78;

async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < 26) {
    end(1, `Sluice needs Node 26 or newer, this is ${process.versions.node}: start it by \`npm start\`.`);
  }
  const { file, logLevel, traces, variables } = readEnvironment();
  const [option, named] = process.argv.slice(2);
  const checksOnly = option === '--check-config';
  const source = openSource(checksOnly ? (named ?? file) : file, backends, variables);
  const { configuration } = source;
  if (checksOnly) {
    process.stdout.write(`${named ?? file} is in order: ${String(configuration.targets.length)} targets.\n`);
    return;
  }
  const log = openLog(logLevel, version);
  endOnCrash(log);
  // Without a listener the signal would end the program.
  let reload = (): void => undefined;
  process.on('SIGHUP', () => {
    reload();
  });
  // Nothing of it is loaded where nobody collects.
  const tracer = traces
    ? await import('./platform/telemetry/tracing.js').then((it) => it.openTracing(log, version))
    : null;
  const running = await startApp(configuration, log, { source, ...(tracer ? { tracer } : {}) });
  reload = () => {
    running.reload();
  };
  log.info(
    { url: running.url, managementUrl: running.managementUrl, targets: configuration.targets.length },
    'listening',
  );
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) end(1, 'Stopped at once, by a second signal.');
      log.info({ signal }, 'stopping');
      running.stop().then(
        (clean) => {
          log.info({ clean }, 'stopped');
          process.exit(0);
        },
        (thrown: unknown) => {
          log.fatal({ err: thrown }, 'could not stop in order');
          process.exit(1);
        },
      );
    });
  }
}

function end(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

main().catch((thrown: unknown) => {
  if (thrown instanceof InvalidConfiguration) end(configExit, thrown.message);
  if (thrown instanceof StoreUnusable) end(1, thrown.message);
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')
    end(1, `The port is taken: ${thrown.message}`);
  end(1, `Sluice could not start: ${JSON.stringify(tellError(thrown))}`);
});
