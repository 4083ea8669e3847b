import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { demoKeys, gatewayConfig, gatewayEnvironment } from './gateway-config.ts';
import { startVendors } from './vendors.ts';

const defaultPort = 8080;

/** The sessions of the emulated 1010data last for a day, so that a demonstration can take its time. */
const idleMinutes = 1440;
const tokenSeconds = 12 * 3600;

function readPort(): number {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const { port = String(defaultPort) } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error('--port takes a number from 0 to 65535.');
  return Number(port);
}

/** The level of the gateway's log: never so quiet that it does not say where it listens. */
const logLevel = /^(?:trace|debug)$/i.exec(process.env['LOG_LEVEL'] ?? '')?.[0] ?? 'info';

/** Starts Sluice as its users do, and resolves to its address once it listens. */
function startGateway(config: string): { readonly listening: Promise<string>; stop(): Promise<number | null> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'dist', 'main.js')], {
    env: { ...process.env, ...gatewayEnvironment, LOG_LEVEL: logLevel, SLUICE_CONFIG: config },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches us alone, and we stop it in our own order.
    detached: true,
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const listening = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line);
      const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
      if (msg === 'listening' && url !== undefined) resolve(url);
    });
    void ended.then((code) => {
      reject(new Error(errors.join('').trim() || `Sluice ended with exit code ${String(code)}.`));
    });
  });
  return {
    listening,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function welcome(url: string, admin: string, token: string): string {
  const key = `-H 'X-API-Key: ${demoKeys.operator}'`;
  const json = `-H 'Content-Type: application/json'`;
  return `
Sluice is up, in front of emulated vendors. Ctrl-C stops it all.

  Console      ${url}/console/
  Swagger UI   ${url}/docs
  Demo key     X-API-Key: ${demoKeys.operator}   (operator; also ${demoKeys.viewer}, ${demoKeys.admin})
  Token        Authorization: Bearer ${token}
  Faults       ${admin}/faults, journal ${admin}/journal, back to the beginning: curl -X POST ${admin}/reset

Look, flush, tune and kill:

  curl -s '${url}/processes?target=orders&state=idle&minIdleSeconds=600' ${key}

  curl -s '${url}/sessions/flush' ${key} ${json} -d '{"targets":["bi-pool","ledger","carts"],"reason":"nightly reload"}'

  curl -s '${url}/sessions/tune' ${key} ${json} -d '{"target":"bi-user","settings":{"infinityToNa":true,"blocking":3}}'

  curl -s -X DELETE '${url}/processes?target=orders&user=orders_*&state=idle&minIdleSeconds=3000&reason=runaway' ${key}
`;
}

async function main(): Promise<void> {
  const port = readPort();
  const vendors = await startVendors({ tentendata: { idleMinutes } });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sandbox-'));
  const config = join(folder, 'sluice.yaml');
  writeFileSync(config, gatewayConfig(vendors.urls, { port }));
  const gateway = startGateway(config);
  const state = { stopping: false };
  const stop = async (code: number): Promise<void> => {
    if (state.stopping) return;
    state.stopping = true;
    await gateway.stop();
    await vendors.close();
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  try {
    const url = await gateway.listening;
    const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'], expiresIn: tokenSeconds });
    console.log(welcome(url, vendors.urls.admin, token));
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (!state.stopping)
      console.error(
        message.startsWith('The port is taken') ? `${message}\nTry another: npm run sandbox -- --port 8090` : message,
      );
    await stop(1);
  }
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exit(1);
});
