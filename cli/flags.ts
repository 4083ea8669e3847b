import { Option, type Command } from 'commander';
import type { Kill, LookQuery } from '../clients/typescript/src/sluice.ts';
import { secondsOf } from './duration.ts';
import { UsageError } from './exit.ts';
import { formats } from './output.ts';
import type { ServerFlags } from './settings.ts';

/** A flag that may be given several times. */
function repeated(flags: string, text: string): Option {
  return new Option(flags, text).argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
}

/** Where Sluice is, and who asks: flags of every command that calls it. */
export function withServer(command: Command): Command {
  return command
    .option('-s, --server <url>', 'the address of Sluice (SLUICE_URL)')
    .option(
      '--key-file <file>',
      'a file with the API key, - for standard input (SLUICE_KEY_FILE; or the key itself in SLUICE_KEY)',
    )
    .option('--token-file <file>', 'a file with a token instead of a key (SLUICE_TOKEN_FILE, SLUICE_TOKEN)')
    .addOption(new Option('--key <key>').hideHelp().argParser(refuseKey));
}

/** Others on the machine see what a program was started with. */
function refuseKey(): never {
  throw new UsageError('Others on this machine would see a key that is given so. Set SLUICE_KEY, or give --key-file.');
}

/** How the answer is written. */
export function withOutput(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'for people, or for programs').choices(formats).default('table'),
  );
}

/** Which targets. */
export function withTargets(command: Command): Command {
  return command
    .addOption(repeated('-t, --target <name>', 'a target; repeat it for several'))
    .addOption(repeated('-l, --label <name:value>', 'all targets of yours that carry it; repeated, all must fit'));
}

/** The selection of looks and kills: flags of the same names. */
export function withSelection(command: Command): Command {
  const words: [string, string][] = [
    ['--node <name>', 'only on this node'],
    ['--id <id>', 'a process'],
    ['--user <pattern>', 'its user; * stands for anything, a leading ! excludes'],
    ['--client <pattern>', 'its address; without a port, any port'],
    ['--database <pattern>', 'its database'],
    ['--application <pattern>', 'its application'],
    ['--command <pattern>', 'its command'],
    ['--statement-id <pattern>', 'the statement that it executes, by its id'],
    ['--state <state>', 'active, idle, idleInTransaction, offline; a leading ! excludes'],
  ];
  for (const [flags, text] of words) command.addOption(repeated(flags, text));
  const least: [string, string, string][] = [
    ['--min-idle <duration>', '--minIdleSeconds <seconds>', 'idle for at least this long: 10m'],
    ['--min-busy <duration>', '--minBusySeconds <seconds>', 'busy for at least this long'],
    ['--min-age <duration>', '--minAgeSeconds <seconds>', 'connected for at least this long'],
    ['--min-transaction <duration>', '--minTransactionSeconds <seconds>', 'in a transaction for at least this long'],
  ];
  for (const [flags, same, text] of least) {
    command.addOption(new Option(flags, text).argParser(secondsOf));
    command.addOption(new Option(same).argParser(secondsOf).hideHelp());
  }
  return command
    .option('--blocking', 'keeps others waiting, and does not wait itself')
    .addOption(
      new Option('--inapplicable <what>', 'skip: leave out targets that cannot judge a filter').choices(['skip']),
    );
}

/** The orders, longest first: as the API names them, and shorter. */
export const orders = ['idle', 'busy', 'age', 'transaction'].flatMap((one) => [`-${one}Seconds`, one]);

/** The order of the API that a flag stands for. */
export function orderOf(sort: string | undefined): { readonly sort?: '-idleSeconds' } {
  if (sort === undefined) return {};
  return { sort: (sort.startsWith('-') ? sort : `-${sort}Seconds`) as '-idleSeconds' };
}

/** Why, for whom, and whether anybody is asked. */
export function withChange(command: Command): Command {
  return command
    .option('-r, --reason <text>', 'why; it is recorded')
    .option('--on-behalf-of <name>', 'for whom; it is recorded')
    .option('-n, --dry-run', 'only show the plan')
    .option('-y, --yes', 'do not ask')
    .option('--ask-approval', 'ask a second person to approve it; nothing is sent before')
    .option('--break-glass', 'an emergency: as if it were approved; takes the right to, and a reason')
    .addOption(
      new Option('--timeout <duration>', 'wait for the end for this long at most; then exit code 3').argParser(
        secondsOf,
      ),
    )
    .option('--no-wait', 'do not wait for the end; exit code 3 if it still runs');
}

/** What the selection's flags become. */
export interface SelectionFlags extends ServerFlags {
  readonly target?: string[];
  readonly label?: string[];
  readonly node?: string[];
  readonly id?: string[];
  readonly user?: string[];
  readonly client?: string[];
  readonly database?: string[];
  readonly application?: string[];
  readonly command?: string[];
  readonly state?: string[];
  readonly minIdle?: number;
  readonly minBusy?: number;
  readonly minAge?: number;
  readonly minIdleSeconds?: number;
  readonly minBusySeconds?: number;
  readonly minAgeSeconds?: number;
  readonly minTransaction?: number;
  readonly minTransactionSeconds?: number;
  readonly statementId?: string[];
  readonly blocking?: boolean;
  readonly inapplicable?: 'skip';
}

/** The selection of the API that flags stand for. */
export function selectionOf(flags: SelectionFlags, target: string[]): LookQuery & Kill {
  const { node, id, user, client, database, application, command, statementId, state, blocking, inapplicable } = flags;
  const least = {
    minIdleSeconds: flags.minIdle ?? flags.minIdleSeconds,
    minBusySeconds: flags.minBusy ?? flags.minBusySeconds,
    minAgeSeconds: flags.minAge ?? flags.minAgeSeconds,
    minTransactionSeconds: flags.minTransaction ?? flags.minTransactionSeconds,
  };
  const words = { node, id, user, client, database, application, command, statementId, state };
  const all = { target, ...words, blocking, inapplicable, ...least };
  const given: object = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return given;
}
