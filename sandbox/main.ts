import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Engines } from './engines/engines.ts';
import { demoKeys, gatewayConfig } from './gateway-config.ts';
import { startGateway } from './gateway-process.ts';
import { rebuildOnChange } from './rebuilding.ts';
import { startVendors } from './vendors.ts';

const root = join(import.meta.dirname, '..');
const defaultPort = 8080;

/** The sessions of the emulated 1010data last for a day, so that a demonstration can take its time. */
const idleMinutes = 1440;
const tokenSeconds = 12 * 3600;

const usage = `npm run sandbox -- [OPTION]

Starts emulated vendors with Sluice in front of them, on loopback, until Ctrl-C. docs/sandbox.md says more.

  --port N     where Sluice listens (default ${String(defaultPort)}; 0 takes a free port)
  --engines    a real MariaDB, PostgreSQL and Redis behind the emulators
  --help       print this
`;

interface Wish {
  readonly port: number;
  /** Real servers behind the emulators. */
  readonly engines: boolean;
  /** Follows the sources: what is compiled anew is started anew. */
  readonly watch: boolean;
}

/** What the command line asks for; undefined where that is help. */
function readWish(): Wish | undefined {
  const isAsked = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: { port: { type: 'string' }, engines: isAsked, watch: isAsked, help: isAsked },
  });
  if (values.help === true) return undefined;
  const { port = String(defaultPort), engines = false, watch = false } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error('--port takes a number from 0 to 65535.');
  return { port: Number(port), engines, watch };
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

Under load: archive has 10,000 threads, billing more sessions than GaussDB lists. Let each page of a list take its time:

  curl -s ${admin}/huawei/knobs ${json} -d '{"pageMs":150}'

Look, flush, tune and kill:

  curl -s '${url}/processes?target=orders&state=idle&minIdleSeconds=600' ${key}

  curl -s '${url}/sessions/flush' ${key} ${json} -d '{"targets":["bi-pool","ledger","carts"],"reason":"nightly reload"}'

  curl -s '${url}/sessions/tune' ${key} ${json} -d '{"target":"bi-user","settings":{"infinityToNa":true,"blocking":3}}'

  curl -s -X DELETE '${url}/processes?target=orders&user=orders_*&state=idle&minIdleSeconds=3000&reason=runaway' ${key}
`;
}

function addressesOf(engines: Engines): string {
  const ports = [engines.mariadb.server.port, engines.postgresql.server.port, engines.redis.server.port];
  const [mariadb, postgresql, redis] = ports.map(String);
  return `
Real servers stand behind orders, ledger and carts: what you connect is what Sluice lists and ends.

  mariadb --host 127.0.0.1 --port ${mariadb} --user rdsAdmin
  psql --host 127.0.0.1 --port ${postgresql} --username rdsAdmin postgres
  redis-cli -p ${redis}
`;
}

/** What was started, to be stopped in the opposite order. */
class Started {
  readonly #stops: (() => unknown)[] = [];
  #stopping: Promise<void> | undefined;

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  add(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      for (const stop of this.#stops.toReversed()) await stop();
    })();
    return this.#stopping;
  }
}

async function run(wish: Wish, started: Started): Promise<void> {
  // Its drivers are loaded only where it is asked for.
  const engines = wish.engines ? await (await import('./engines/engines.ts')).startEngines() : undefined;
  if (engines) started.add(() => engines.close());
  const vendors = await startVendors({
    tentendata: { idleMinutes },
    loaded: true,
    ...(engines && { behind: engines.behind }),
  });
  started.add(() => vendors.close());
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sandbox-'));
  started.add(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const config = join(folder, 'sluice.yaml');
  writeFileSync(config, gatewayConfig(vendors.urls, { port: wish.port, loaded: true }));
  const program = join(root, wish.watch ? 'build' : 'dist', 'main.js');
  let gateway = startGateway(program, config);
  started.add(() => gateway.stop());
  const url = await gateway.listening;
  const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'], expiresIn: tokenSeconds });
  console.log(welcome(url, vendors.urls.admin, token));
  if (engines) console.log(addressesOf(engines));
  if (!wish.watch) return;
  let last = Promise.resolve();
  const rebuilding = rebuildOnChange(() => {
    last = last.then(async () => {
      if (started.isStopping) return;
      await gateway.stop();
      gateway = startGateway(program, config);
      await gateway.listening.catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
      });
    });
  });
  started.add(() => {
    rebuilding.stop();
  });
}

async function main(): Promise<void> {
  const wish = readWish();
  if (!wish) {
    console.log(usage);
    return;
  }
  const started = new Started();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void started.stop().then(() => process.exit(0)));
  }
  try {
    await run(wish, started);
  } catch (thrown) {
    // Whoever is stopped while it starts wants to hear nothing.
    if (started.isStopping) return;
    await started.stop();
    throw thrown;
  }
}

main().catch((thrown: unknown) => {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const isTaken = message.startsWith('The port is taken');
  console.error(isTaken ? `${message}\nTry another: npm run sandbox -- --port 8090` : message);
  process.exit(1);
});
