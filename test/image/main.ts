import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoKeys, gatewayConfig, gatewayEnvironment } from '../../sandbox/gateway-config.ts';
import { startVendors } from '../../sandbox/vendors.ts';
import { freePort } from '../free-port.ts';
import { importStandIns, standIns } from './base.ts';
import { contentFaults } from './contents.ts';
import { openEngine, type Engine } from './engine.ts';

const root = join(import.meta.dirname, '..', '..');
const image = 'sluice-image-test';
/** What the image must keep to: MiB above its base, seconds until ready, MiB resident at rest. */
const goals = { mebibytes: 110, readySeconds: 1, residentMebibytes: 170 } as const;
const starts = 3;

const say = (line: string) => process.stdout.write(`${line}\n`);
const faults: string[] = [];

function check(name: string, found: readonly string[]): void {
  say(`${found.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  for (const fault of found.slice(0, 20)) say(`         ${fault}`);
  faults.push(...found);
}

function build({ docker }: Engine): void {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const revision = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const given = {
    NODE_IMAGE: standIns.build,
    RUNTIME_IMAGE: standIns.runtime,
    VERSION: version,
    REVISION: revision,
    CREATED: new Date().toISOString(),
  };
  const args = Object.entries(given).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  docker('build', '--network', 'host', '--tag', image, ...args, root);
}

interface Started {
  readonly id: string;
  readonly readySeconds: number;
}

/** Starts the image as a pod would: read-only, without any capability, with 256 MiB. */
async function start({ docker }: Engine, folder: string, management: number): Promise<Started> {
  const began = performance.now();
  const id = docker(
    ...['run', '--detach', '--network', 'host', '--read-only', '--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges', '--memory', '256m', '--memory-swap', '256m', '--pids-limit', '100'],
    // Where the gateway keeps what it keeps, unless it is told otherwise.
    ...['--tmpfs', '/tmp:size=16m', '--tmpfs', '/app/data:uid=65532,gid=65532,size=64m'],
    ...['--volume', `${folder}:/etc/sluice:ro`, '--env', 'SLUICE_CONFIG=/etc/sluice/sluice.yaml', image],
  ).trim();
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${management}/health/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) break;
    if (performance.now() - began > 20_000) throw new Error(`It is not ready:\n${docker('logs', id)}`);
    await sleep(20);
  }
  // The engine takes its own time before the program begins; the clock is that of this machine.
  const startedAt = Date.parse(docker('inspect', '--format', '{{.State.StartedAt}}', id).trim());
  return { id, readySeconds: (Date.now() - startedAt) / 1000 };
}

function residentMebibytes({ docker }: Engine, id: string): number {
  const pid = docker('inspect', '--format', '{{.State.Pid}}', id).trim();
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Look, kill, flush and tune, each as README.md shows it. */
async function driveVerbs(url: string): Promise<readonly string[]> {
  const found: string[] = [];
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-api-key': demoKeys.operator, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as { state?: string; items?: unknown[] };
    return { status: answer.status, json };
  };
  const look = await call('GET', '/processes?target=orders&state=idle&minIdleSeconds=600');
  if (look.status !== 200 || !look.json.items?.length) found.push(`look: ${JSON.stringify(look).slice(0, 300)}`);
  const changes = [
    [
      'kill',
      'DELETE',
      '/processes?target=orders&user=orders_*&state=idle&minIdleSeconds=3000&reason=runaway',
      undefined,
    ],
    ['flush', 'POST', '/sessions/flush', { targets: ['bi-pool', 'ledger', 'carts'], reason: 'nightly reload' }],
    ['tune', 'POST', '/sessions/tune', { target: 'bi-user', settings: { infinityToNa: true, blocking: 3 } }],
  ] as const;
  for (const [verb, method, path, body] of changes) {
    const { status, json } = await call(method, path, body);
    if (status !== 200 || json.state !== 'succeeded')
      found.push(`${verb}: ${JSON.stringify({ status, json }).slice(0, 300)}`);
  }
  const { status } = await fetch(`${url}/docs`);
  if (status !== 200) found.push(`the page of the documentation answers ${status}`);
  return found;
}

async function run(engine: Engine): Promise<void> {
  const { docker } = engine;
  importStandIns(engine);
  const began = performance.now();
  build(engine);
  say(`built in ${((performance.now() - began) / 1000).toFixed(0)} s, on Node ${process.versions.node}`);
  const secrets = [...Object.values(gatewayEnvironment), ...Object.values(demoKeys)];
  check('what is inside', contentFaults(engine, image, secrets));

  const sizeOf = (name: string) => Number(docker('image', 'inspect', '--format', '{{.Size}}', name));
  const mebibytes = (sizeOf(image) - sizeOf(standIns.runtime)) / 1024 / 1024;
  const vendors = await startVendors();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  const times: number[] = [];
  let resident = 0;
  try {
    const [port, management] = [await freePort(), await freePort()];
    const config = gatewayConfig(vendors.urls, {
      port,
      server: { management: { port: management }, drain: { delaySeconds: 0, timeoutSeconds: 5 } },
    });
    mkdirSync(join(folder, 'secrets'));
    for (const [name, value] of Object.entries(gatewayEnvironment)) writeFileSync(join(folder, 'secrets', name), value);
    writeFileSync(
      join(folder, 'sluice.yaml'),
      config.replaceAll(/"env": "(\w+)"/g, '"file": "/etc/sluice/secrets/$1"'),
    );
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    for (let round = 1; round <= starts; round += 1) {
      const { id, readySeconds } = await start(engine, folder, management);
      times.push(readySeconds);
      if (round === starts) {
        await sleep(2000);
        resident = residentMebibytes(engine, id);
        check(
          'look, kill, flush and tune, read-only and without capabilities',
          await driveVerbs(`http://127.0.0.1:${port}`),
        );
      }
      docker('kill', '--signal', 'TERM', id);
      const code = docker('wait', id).trim();
      check(`SIGTERM ends it, start ${round}`, code === '0' ? [] : [`it ended with ${code}:\n${docker('logs', id)}`]);
      docker('rm', id);
    }
  } finally {
    await vendors.close();
    rmSync(folder, { recursive: true });
  }
  const ready = Math.min(...times);
  const goal = (name: string, value: number, most: number, unit: string) => {
    check(`${name}: ${value.toFixed(2)} ${unit}, at most ${most}`, value <= most ? [] : [`${name} is above its goal`]);
  };
  goal('size above the base', mebibytes, goals.mebibytes, 'MiB');
  // A time says as much of the machine: to miss it is no fault.
  say(
    `${ready <= goals.readySeconds ? 'ok    ' : 'MISSED'} ready, the best of ${starts} starts: ${ready.toFixed(2)} s, to be ${goals.readySeconds} (load ${loadavg()[0]?.toFixed(1) ?? ''})`,
  );
  goal('resident at rest', resident, goals.residentMebibytes, 'MiB');
}

async function main(): Promise<number> {
  let engine: Engine;
  try {
    engine = await openEngine();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`SKIPPED, nothing of the image was tested: ${reason}.\n`);
    return 0;
  }
  try {
    await run(engine);
  } finally {
    await engine.close();
  }
  say(faults.length === 0 ? 'the image is in order' : `${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
