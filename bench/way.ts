import 'reflect-metadata';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { demoKeys, gatewayConfig, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors } from '../sandbox/vendors.ts';

/** What was run of one file. */
interface FileRun {
  readonly file: string;
  readonly functions: readonly string[];
}

const built = new URL('../build/', import.meta.url).href;
/** So many rounds make all that is made once, and cached from then on. */
const warmRounds = 3;

/** The calls whose way is measured; each is made afresh, as a caller would. */
const calls = {
  'flush of a pool': ['/sessions/flush', { targets: ['bi-pool'], reason: 'way' }],
  look: ['/processes?target=orders', null],
  plan: ['/sessions/flush', { targets: ['ledger'], mode: 'forced', dryRun: true }],
} as const;

async function ask(url: string, [path, body]: (typeof calls)[keyof typeof calls]): Promise<void> {
  const answer = await fetch(`${url}${path}`, {
    headers: { 'x-api-key': demoKeys.operator, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} was answered ${String(answer.status)}: ${text}`);
}

/** What of ours ran since this was last asked, by V8's own counts. */
async function takeRun(session: Session): Promise<readonly FileRun[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.startsWith(built))
    .map(({ url, functions }) => ({
      file: url.slice(built.length),
      functions: functions
        .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
        .map(({ functionName }) => functionName || '(anonymous)'),
    }))
    .filter(({ functions }) => functions.length > 0);
}

/** Prints how many of our files and functions one warm call of each kind runs; `--files` names them. */
async function measureWay(isTold: boolean): Promise<void> {
  const { startApp } = (await import(`${built}app.js`)) as typeof import('../src/app.ts');
  const { loadText } = await loader();
  const vendors = await startVendors();
  const { openLog } = (await import(
    `${built}platform/telemetry/log.js`
  )) as typeof import('../src/platform/telemetry/log.ts');
  const running = await startApp(
    loadText(gatewayConfig(vendors.urls)),
    openLog('info', 'way', { write: () => undefined }),
  );
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  try {
    for (const [name, call] of Object.entries(calls)) {
      for (let round = 0; round < warmRounds; round += 1) {
        await ask(running.url, call);
        // A listing is shared for two seconds: the next look is one of its own.
        await new Promise((resolve) => setTimeout(resolve, 2100));
      }
      await takeRun(session);
      await ask(running.url, call);
      const run = await takeRun(session);
      const functions = run.reduce((sum, file) => sum + file.functions.length, 0);
      process.stdout.write(`${name}: ${String(run.length)} files, ${String(functions)} functions\n`);
      if (!isTold) continue;
      for (const { file, functions: names } of run) process.stdout.write(`  ${file}: ${names.join(' ')}\n`);
    }
  } finally {
    session.disconnect();
    await running.stop();
    await vendors.close();
  }
}

async function loader() {
  const [{ checkConfiguration }, { backends }] = await Promise.all([
    import(`${built}platform/config/load.js`) as Promise<typeof import('../src/platform/config/load.ts')>,
    import(`${built}backends/backends.module.js`) as Promise<typeof import('../src/backends/backends.module.ts')>,
  ]);
  const environment = { ...process.env, ...gatewayEnvironment };
  return { loadText: (text: string) => checkConfiguration('way', text, backends, { environment }) };
}

const { values } = parseArgs({ options: { files: { type: 'boolean', default: false } } });
await measureWay(values.files);
