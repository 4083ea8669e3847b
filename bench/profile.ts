import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../test/free-port.ts';
import { calls, type CallName } from './calls.ts';
import { tellProfile } from './cpu-profile.ts';
import { leaveFirstCore } from './machine.ts';
import { sample } from './measure.ts';
import { startSluice, startVendors } from './rows.ts';
import { ordinary, wide } from './scene.ts';

const warmSeconds = 6;

/** Where a call spends its time, by stage, and how many bytes it allocates: of the build before it is bundled. */
async function profile(name: CallName, seconds: number, shown: number): Promise<void> {
  leaveFirstCore();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-profile-'));
  const vendors = await startVendors();
  try {
    const counted = join(folder, 'allocated');
    const scene = name === 'json-flush' ? wide : ordinary;
    const options = { port: await freePort(), vendors: vendors.port, store: { memory: {} }, scene };
    const how = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--import', join(import.meta.dirname, 'allocated.mjs')];
    const started = await startSluice(options, { folder }, how, { BENCH_ALLOCATED: counted });
    const row = name === 'json-flush' ? 'wide' : 'memory';
    await sample(row, started, calls[name], { leadSeconds: warmSeconds, seconds: 1 });
    const before = await allocated(started.pid, counted);
    const { outcome, cpuMicros } = await sample(row, started, calls[name], { leadSeconds: 0, seconds });
    const after = await allocated(started.pid, counted);
    await started.stop();
    const each = (after - before) / 1024 / Math.max(1, outcome.ok.count);
    process.stdout.write(`${calls[name].title}: ${cpuMicros.toFixed(0)} µs, ${each.toFixed(0)} KiB allocated a call\n`);
    for (const file of globSync(join(folder, '*.cpuprofile'))) tellProfile(file, warmSeconds, shown);
  } finally {
    await vendors.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function allocated(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    await sleep(20);
    const [found] = globSync(file);
    if (found !== undefined) return Number(readFileSync(found, 'utf8'));
  }
}

const { values } = parseArgs({
  options: {
    call: { type: 'string', default: 'xml-flush' },
    seconds: { type: 'string', default: '5' },
    shown: { type: 'string', default: '30' },
  },
});
if (!Object.hasOwn(calls, values.call)) throw new Error(`--call takes one of ${Object.keys(calls).join(', ')}.`);
await profile(values.call as CallName, Number(values.seconds), Number(values.shown));
