import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowName } from './calls.ts';
import { measureGrowth, measureOverload, measureStart, measureTail, type Extras } from './extras.ts';
import { goalsOf } from './goals.ts';
import { measureLoaded } from './loaded.ts';
import { describeMachine, leaveFirstCore } from './machine.ts';
import { measureRows, peakOf, type Figures } from './measure.ts';
import { readOptions, usage, type ExtraName, type Options } from './options.ts';
import { showAgainst, showGoals, showRows } from './report.ts';
import { startRow, startVendors, type Place, type Started } from './rows.ts';

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function bench(options: Options): Promise<void> {
  leaveFirstCore();
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const vendors = await startVendors();
  const place: Place = { folder, vendors: vendors.port, against: options.against };
  const rows = new Map<RowName, Started>();
  try {
    // Before the others are there.
    const start = options.extras.includes('start') ? await measureStart(place) : {};
    for (const row of options.rows) {
      const started = await startRow(row, place);
      if (started) rows.set(row, started);
      else tell(`${row} is not installed here, and is left out.`);
    }
    const figures = await measureRows(rows, options.calls, options, tell);
    const extras = { ...start, ...(await measureExtras(rows, figures, options)) };
    const goals = goalsOf(figures, extras);
    const machine = describeMachine();
    const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
    const date = new Date().toISOString().slice(0, 10);
    const tables = [showAgainst(figures), showRows(figures), showGoals(goals)].filter((one) => one !== '');
    process.stdout.write(`\n${date}; ${machine}; ${minutes} minutes\n\n${tables.join('\n\n')}\n`);
    if (options.json !== undefined) {
      const results = { at: new Date().toISOString(), machine, rows: figures, extras, goals };
      writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    }
  } finally {
    await Promise.all([...rows.values(), vendors].map((started) => started.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureExtras(
  rows: ReadonlyMap<RowName, Started>,
  figures: readonly Figures[],
  options: Options,
): Promise<Omit<Extras, 'startMs' | 'restMegabytes'>> {
  const [sluice, spread, reference] = [rows.get('memory'), rows.get('wide'), rows.get('reference')];
  const peakOfRow = (name: RowName) => {
    const flushes = figures.find(({ row, call }) => row === name && call === 'xml-flush');
    return flushes && peakOf(flushes.samples);
  };
  const [peak, referencePeak] = [peakOfRow('memory'), peakOfRow('reference')];
  const wanted = (extra: ExtraName): boolean => {
    if (options.extras.includes(extra)) tell(extra);
    return options.extras.includes(extra);
  };
  return {
    ...(sluice && peak && wanted('tail') && { tail: await measureTail('memory', sluice, peak, options) }),
    ...(reference &&
      referencePeak &&
      wanted('tail') && { referenceTail: await measureTail('reference', reference, referencePeak, options) }),
    ...(wanted('loaded') && { loaded: await measureLoaded() }),
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
