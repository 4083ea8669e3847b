import { Option, type Command } from 'commander';
import type { LookedTarget, OperationSummary, OperationsQuery, Process } from '../clients/typescript/src/sluice.ts';
import { targetsOf } from './carry-out.ts';
import {
  operationColumns,
  operationFields,
  processColumns,
  processFields,
  targetColumns,
  targetFields,
} from './columns.ts';
import { timeOf } from './duration.ts';
import { exits } from './exit.ts';
import {
  orderOf,
  orders,
  selectionOf,
  withOutput,
  withSelection,
  withServer,
  withTargets,
  type SelectionFlags,
} from './flags.ts';
import { printable, writeRows, type Format } from './output.ts';
import { connect, type ServerFlags } from './settings.ts';

type Listed = { readonly output: Format; readonly limit?: string };

/** `sluice get targets|processes|operations`. */
export function addGet(program: Command): void {
  const get = program.command('get').description('look at targets, processes or operations');
  withOutput(withServer(get.command('targets').alias('target').description('what there is, and what you may do')))
    .argument('[names...]', 'only these')
    .addHelpText('after', '\nExamples:\n  sluice get targets\n  sluice get targets orders -o json')
    .action(async (names: string[], flags: ServerFlags & Listed) => {
      const sluice = connect(flags);
      const all = await (names.length === 0 ? sluice.targets() : Promise.all(names.map((name) => sluice.target(name))));
      writeRows(flags.output, all, flags.output === 'csv' ? targetFields : targetColumns, { items: all });
    });

  const processes = get
    .command('processes')
    .alias('process')
    .alias('ps')
    .description('the processes of targets, merged');
  withOutput(withServer(withSelection(withTargets(processes))))
    .argument('[targets...]', 'all of yours if none is named')
    .addOption(new Option('--sort <order>', 'most first').choices(orders))
    .option('--limit <count>', 'at most so many')
    .addHelpText(
      'after',
      `
Examples:
  sluice get processes orders --state idle --min-idle 10m
  sluice get processes orders ledger --user 'app_*' --user '!app_batch' -o csv
  sluice get processes -l env:prod --min-busy 1h --sort busy --limit 20`,
    )
    .action(lookAtProcesses);

  withOutput(withServer(get.command('approvals').description('what waits for the approval of somebody else'))).action(
    async (flags: ServerFlags & Listed) => {
      const all: OperationSummary[] = [];
      for await (const operation of connect(flags).operations({ state: 'awaitingApproval' })) all.push(operation);
      const { output } = flags;
      writeRows(output, all, output === 'csv' ? operationFields : operationColumns, { items: all });
    },
  );

  withOutput(
    withServer(get.command('operations').alias('operation').alias('ops').description('what was done, newest first')),
  )
    .argument('[ids...]', 'only these')
    .option('-t, --target <name>', 'of this target')
    .addOption(new Option('--kind <kind>').choices(['processes.kill', 'sessions.flush', 'sessions.tune']))
    .option('--state <state>', 'awaitingApproval, running, succeeded, partial, failed, unknown')
    .option('--requested-by <caller>')
    .option('--on-behalf-of <name>', 'on behalf of this person')
    .option('--text <text>', 'whose reason has this text')
    .option('--refused', 'calls that were refused, of the last week')
    .option('--request-id <id>')
    .option('--process-id <id>', 'that ended this process')
    .addOption(new Option('--since <time>', 'a time, or how long ago: 2h').argParser((text) => timeOf(text)))
    .addOption(new Option('--until <time>').argParser((text) => timeOf(text)))
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText(
      'after',
      `
Examples:
  sluice get operations --target orders --since 2h
  sluice get operations --refused --since 24h -o csv`,
    )
    .action(async (ids: string[], flags: ServerFlags & Listed & Record<string, string>) => {
      const { output, limit = '20', server: _server, keyFile: _key, tokenFile: _token, ...query } = flags;
      const sluice = connect(flags);
      const all: OperationSummary[] = [];
      for (const id of ids) all.push(await sluice.operation(id));
      if (ids.length === 0) {
        const asked = { ...query, limit: Math.min(countOf(limit), 1000) } as OperationsQuery;
        for await (const operation of sluice.operations(asked)) if (all.push(operation) >= countOf(limit)) break;
      }
      writeRows(output, all, output === 'csv' ? operationFields : operationColumns, { items: all });
    });
}

type ProcessFlags = SelectionFlags & Listed & { readonly sort?: string };

async function lookAtProcesses(names: string[], flags: ProcessFlags): Promise<void> {
  const { output, sort, limit } = flags;
  const sluice = connect(flags);
  const named = [...names, ...(flags.target ?? [])];
  const target =
    named.length + (flags.label ?? []).length > 0
      ? await targetsOf(sluice, named, flags.label ?? [])
      : (await sluice.targets())
          .filter(({ abilities }) => (abilities as string[]).includes('look'))
          .map(({ name }) => name);
  const most = limit === undefined ? Infinity : countOf(limit);
  const query = {
    ...selectionOf(flags, target),
    ...orderOf(sort),
    limit: sort ? Math.min(most, 10_000) : Math.min(most, 1000),
  };
  const items: Process[] = [];
  let targets: readonly LookedTarget[] = [];
  if (most === 0) ({ targets } = await sluice.look({ ...query, limit: 0 }));
  else {
    const options = { onTargets: (seen: readonly LookedTarget[]) => (targets = seen) };
    for await (const process of sluice.processes(query, options)) if (items.push(process) >= most) break;
  }
  writeRows(output, items, output === 'csv' ? processFields : processColumns, { items, targets });
  tellTargets(targets, items.length);
}

/** A list that is not whole says so: on standard error, whatever the format. */
function tellTargets(targets: readonly LookedTarget[], shown: number): void {
  const { stderr } = process;
  const matched = targets.reduce((sum, one) => sum + (one.matched ?? 0), 0);
  if (process.stdout.isTTY) stderr.write(`${String(shown)} of ${String(matched)} processes that fit\n`);
  for (const { target, status, complete, problem, why = '' } of targets) {
    if (status === 'skipped') stderr.write(`${target} was left out: ${printable(why)}\n`);
    else if (status === 'failed') stderr.write(`${target} could not be seen: ${printable(problem?.detail ?? '')}\n`);
    else if (!complete) stderr.write(`${target}: the list is not whole, more may be there\n`);
  }
  if (targets.some(({ status }) => status === 'failed')) process.exitCode = exits.partial;
}

function countOf(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : 100;
}
