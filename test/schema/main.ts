import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys, gatewayConfig } from '../../sandbox/gateway-config.ts';
import { startVendors } from '../../sandbox/vendors.ts';
import { startBuilt } from '../built-gateway.ts';
import { hasPython, installPython } from '../python.ts';
import { acceptedBecause } from './accepted.ts';
import { readReport } from './complaints.ts';

// schemathesis, with all its checks, against all calls of the built gateway. It is the same run every time.

const here = import.meta.dirname;
const cache = join(here, '..', '..', 'node_modules', '.cache', 'sluice-schema');
/** It takes a minute; on a machine that is very busy, what it found until then is judged. */
const longestMs = 170_000;
const any = { requests: 1_000_000, seconds: 1 };
const limits = {
  caller: any,
  failedAuthentication: any,
  records: { megabytes: 1_000_000, seconds: 1 },
  overload: { eventLoopDelayMs: 10_000 },
};

async function run(report: string, cwd: string): Promise<void> {
  const programs = installPython(cache, join(here, 'requirements.txt'));
  const vendors = await startVendors();
  const config = JSON.parse(gatewayConfig(vendors.urls)) as object;
  const gateway = startBuilt(JSON.stringify({ ...config, limits }));
  try {
    const { url } = await gateway.listening();
    const told = ['--header', `X-API-Key: ${demoKeys.admin}`, '--report', 'ndjson', '--report-ndjson-path', report];
    const options = ['--config-file', join(here, 'schemathesis.toml'), 'run', `${url}/openapi.json`, '--checks', 'all'];
    const child = spawn(join(programs, 'schemathesis'), [...options, ...told, '--output-sanitize', 'false'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => output.push(String(piece)));
    const stop = new AbortController();
    const timer = setTimeout(() => {
      stop.abort();
      child.kill('SIGINT');
    }, longestMs);
    const code = await new Promise((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    // 1 says that something was found: the report tells what.
    if (!stop.signal.aborted && code !== 0 && code !== 1) throw new Error(output.join(''));
  } finally {
    await gateway.close();
    await vendors.close();
  }
}

if (hasPython('schemathesis')) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-schema-'));
  try {
    const report = join(folder, 'report.ndjson');
    await run(report, folder);
    const { requests, found } = await readReport(report);
    const fresh = found.filter((complaint) => acceptedBecause(complaint) === undefined);
    for (const { code, operation, text, example } of fresh) {
      process.stderr.write(`${code} ${operation}\n  ${text}\n  ${example}\n\n`);
    }
    const known = String(found.length - fresh.length);
    const counts = `${String(requests)} requests, ${String(fresh.length)} new findings, ${known} accepted`;
    process.stdout.write(`schemathesis: ${counts}\n`);
    process.exitCode = fresh.length === 0 && requests > 1000 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
