import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowName } from './calls.ts';
import { measureGrowth, measureOverload, measureStart, measureTail, type Extras } from './extras.ts';
import { goalsOf } from './goals.ts';
import { describeMachine, leaveFirstCore } from './machine.ts';
import { measureRows, type Median } from './measure.ts';
import { readOptions, usage, type ExtraName, type Options } from './options.ts';
import { showGoals, showRows } from './report.ts';
import { startRow, startVendors, type Place, type Started } from './rows.ts';

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function bench(options: Options): Promise<void> {
  leaveFirstCore();
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const vendors = await startVendors();
  const place: Place = { folder, vendors: vendors.port };
  const rows = new Map<RowName, Started>();
  try {
    // Before the others are there.
    const startMs = options.extras.includes('start') ? await measureStart(place) : undefined;
    for (const row of options.rows) {
      const profiled = row === 'memory' && options.profile !== undefined;
      const started = await startRow(row, place, profiled ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : []);
      if (started) rows.set(row, started);
      else tell(`${row} is not installed here, and is left out.`);
    }
    const medians = await measureRows(rows, options.calls, options, tell);
    const extras = { ...(startMs === undefined ? {} : { startMs }), ...(await measureExtras(rows, medians, options)) };
    const goals = goalsOf(medians, extras);
    const machine = describeMachine();
    const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
    process.stdout.write(`\n${machine}; ${minutes} minutes\n\n${showRows(medians)}\n\n${showGoals(goals)}\n`);
    if (options.json !== undefined) {
      const results = { at: new Date().toISOString(), machine, rows: medians, extras, goals };
      writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    }
  } finally {
    await Promise.all([...rows.values(), vendors].map((started) => started.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureExtras(
  rows: ReadonlyMap<RowName, Started>,
  medians: readonly Median[],
  options: Options,
): Promise<Omit<Extras, 'startMs'>> {
  const [sluice, spread, reference] = [rows.get('memory'), rows.get('wide'), rows.get('reference')];
  const peakOf = (name: RowName) => medians.find(({ row, call }) => row === name && call === 'xml-flush')?.rate;
  const [peak, referencePeak] = [peakOf('memory'), peakOf('reference')];
  const wanted = (extra: ExtraName): boolean => {
    if (options.extras.includes(extra)) tell(extra);
    return options.extras.includes(extra);
  };
  return {
    ...(sluice && peak && wanted('tail') && { tail: await measureTail('memory', sluice, peak, options) }),
    ...(reference &&
      referencePeak &&
      wanted('tail') && { referenceTail: await measureTail('reference', reference, referencePeak, options) }),
    ...(sluice && peak && wanted('growth') && { growth: await measureGrowth(sluice, peak, options) }),
    ...(spread && wanted('overload') && { overload: await measureOverload(spread, options) }),
  };
}

async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${usage}\n`);
    process.exitCode = 2;
    return;
  }
  await bench(options);
}

await main();
