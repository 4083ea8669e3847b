import { Option, type Command } from 'commander';
import type { ChangeOptions, FlushCall, Sluice } from '../clients/typescript/src/sluice.ts';
import { carryOut, decideAndCarryOut, targetsOf, whyOf, type ChangeFlags, type SendCall } from './carry-out.ts';
import { secondsOf } from './duration.ts';
import { UsageError } from './exit.ts';
import {
  orderOf,
  orders,
  selectionOf,
  withChange,
  withOutput,
  withSelection,
  withServer,
  withTargets,
  type SelectionFlags,
} from './flags.ts';
import { connect, type ServerFlags } from './settings.ts';

type Flags = ServerFlags & ChangeFlags & { readonly plan?: string };

const planFlag = '--plan <id>';
const planText = 'carry out the plan of a dry run, and nothing else';

interface FirstFlags {
  readonly max?: number;
  readonly first?: number;
  readonly sort?: string;
}

/** `sluice kill`. */
export function addKill(program: Command): void {
  const kill = program.command('kill').description('end processes: shows whom, asks, and tells what came of it');
  withServer(withOutput(withChange(withSelection(withTargets(kill)))))
    .argument('[ids...]', 'the processes, by id')
    .addOption(new Option('--max <count>', 'refuse if more fit').argParser(Number))
    .addOption(new Option('--sort <order>', 'in this order, most first').choices(orders))
    .addOption(new Option('--first <count>', 'only so many of those that fit, by --sort').argParser(Number))
    .option(planFlag, planText)
    .addHelpText(
      'after',
      `
Examples:
  sluice kill --target orders 2075425
  sluice kill -t orders --user 'orders_*' --state idle --min-idle 1h --reason 'leaked connections'
  sluice kill -t orders --application reports --dry-run
  sluice kill -t orders --user web --sort idle --first 5
  sluice kill -t ledger --blocking --min-transaction 1m
  sluice kill -t orders --user 'orders_*' --ask-approval --reason 'leaked connections'
  sluice kill --plan plan_0mwqjun2q00169caf93fe2fc4 --reason runaway

Exit codes: 0 done, 1 refused or failed, 2 partial or unknown, 3 still running, 64 usage.`,
    )
    .action(async (ids: string[], flags: SelectionFlags & Flags & FirstFlags) => {
      const sluice = connect(flags);
      if (flags.plan !== undefined) {
        process.exitCode = await carryOut(usePlan(sluice, flags.plan, flags, 'kill', hasSelection(ids, flags)), flags);
        return;
      }
      const target = await targetsOf(sluice, flags.target ?? [], flags.label ?? []);
      if (target.length === 0) throw new UsageError('Name a target: --target orders.');
      const { max, first, sort } = flags;
      const selection = selectionOf(
        { ...flags, ...(ids.length > 0 ? { id: [...ids, ...(flags.id ?? [])] } : {}) },
        target,
      );
      const call = {
        ...selection,
        ...(max === undefined ? {} : { max }),
        ...(first === undefined ? {} : { first }),
        ...orderOf(sort),
        ...whyOf(flags),
      };
      const send: SendCall = (options) => sluice.kill(call, options);
      process.exitCode = await decideAndCarryOut(sluice, await sluice.plan(call), flags, send);
    });
}

/** `sluice flush`. */
export function addFlush(program: Command): void {
  const flush = program.command('flush').description('end the sessions of whole targets: the idle ones, or all');
  withServer(withOutput(withChange(withTargets(flush))))
    .argument('[targets...]', 'the targets')
    .addOption(
      new Option('--mode <mode>', 'graceful spares whom it sees at work')
        .choices(['graceful', 'forced'])
        .default('graceful'),
    )
    .option('--forced', 'the same as --mode forced: ends everything')
    .option('--node <name>', 'only on this node')
    .addOption(
      new Option('--min-idle <duration>', 'graceful: only who is idle for at least this long').argParser(secondsOf),
    )
    .addOption(new Option('--minIdleSeconds <seconds>').argParser(secondsOf).hideHelp())
    .option('--require-all', 'touch no target unless every one can be reached')
    .option(planFlag, planText)
    .addHelpText(
      'after',
      `
Examples:
  sluice flush bi-pool --reason 'nightly reload'
  sluice flush carts orders --min-idle 5m --yes
  sluice flush carts --forced --dry-run

Flush ends sessions, it never deletes data (it is not FLUSHALL).
Exit codes: 0 done, 1 refused or failed, 2 partial or unknown, 3 still running, 64 usage.`,
    )
    .action(async (names: string[], flags: FlushFlags) => {
      const sluice = connect(flags);
      const named = [...names, ...(flags.target ?? [])];
      if (flags.plan !== undefined) {
        process.exitCode = await carryOut(usePlan(sluice, flags.plan, flags, 'flush', named.length > 0), flags);
        return;
      }
      const targets = await targetsOf(sluice, named, flags.label ?? []);
      if (targets.length === 0) throw new UsageError('Name a target: sluice flush carts.');
      const minIdleSeconds = flags.minIdle ?? flags.minIdleSeconds;
      const call = {
        targets,
        mode: flags.forced === true ? 'forced' : flags.mode,
        ...(flags.node === undefined ? {} : { node: flags.node }),
        ...(minIdleSeconds === undefined ? {} : { minIdleSeconds }),
        ...(flags.requireAll === true ? { requireAll: true } : {}),
        ...whyOf(flags),
      } as FlushCall;
      const send: SendCall = (options) => sluice.flush(call, options);
      process.exitCode = await decideAndCarryOut(sluice, await sluice.plan(call), flags, send);
    });
}

type FlushFlags = Flags & {
  readonly target?: string[];
  readonly label?: string[];
  readonly mode: 'graceful' | 'forced';
  readonly forced?: boolean;
  readonly node?: string;
  readonly minIdle?: number;
  readonly minIdleSeconds?: number;
  readonly requireAll?: boolean;
};

type TuneFlags = Flags & { readonly infinityToNa: string; readonly stepwise?: string; readonly blocking?: number };

/** `sluice tune`. */
export function addTune(program: Command): void {
  const tune = program.command('tune').description('set the parameters of a 1010data session; ends nothing');
  const yesOrNo = ['true', 'false'];
  withServer(withOutput(tune))
    .argument('<target>', 'the target')
    .addOption(new Option('--infinity-to-na <boolean>', 'show infinity as NA').choices(yesOrNo).makeOptionMandatory())
    .addOption(new Option('--stepwise <boolean>').choices(yesOrNo))
    .addOption(new Option('--blocking <level>', '0 to 10').argParser(Number))
    .option('-r, --reason <text>', 'why; it is recorded')
    .option('--on-behalf-of <name>', 'for whom; it is recorded')
    .option('-n, --dry-run', 'only check it')
    .addHelpText('after', '\nExample:\n  sluice tune bi-user --infinity-to-na true --blocking 3')
    .action(async (target: string, flags: TuneFlags) => {
      const { stepwise, blocking, dryRun } = flags;
      const settings = {
        infinityToNa: flags.infinityToNa === 'true',
        ...(stepwise === undefined ? {} : { stepwise: stepwise === 'true' }),
        ...(blocking === undefined ? {} : { blocking }),
      };
      const body = { target, settings, ...whyOf(flags), ...(dryRun === true ? { dryRun: true } : {}) };
      const sluice = connect(flags);
      process.exitCode = await carryOut((options) => sluice.tune(body, options), flags);
    });
}

function usePlan(sluice: Sluice, plan: string, flags: Flags, kind: 'kill' | 'flush', choosesMore: boolean) {
  if (choosesMore) throw new UsageError('A plan cannot be combined with a selection: it has its own.');
  return (options: ChangeOptions) => sluice.commit(kind, plan, whyOf(flags), options);
}

function hasSelection(ids: readonly string[], flags: SelectionFlags): boolean {
  return (
    ids.length > 0 || Object.keys(selectionOf(flags, [])).length > 1 || (flags.target ?? flags.label) !== undefined
  );
}
