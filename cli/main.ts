#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../clients/typescript/src/version.ts';
import { addFlush, addKill, addTune } from './change.ts';
import { addCompletion } from './completion.ts';
import { exitOfError, exits, wordsOfError } from './exit.ts';
import { addGet } from './get.ts';
import { addLocal } from './local.ts';
import { addOperation } from './operation.ts';

const program = new Command('sluice')
  .description('Look at, flush, tune and kill sessions, and know what came of it.')
  .version(version, '-V, --version')
  .showHelpAfterError('(sluice --help tells more)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  export SLUICE_URL=http://127.0.0.1:8080 SLUICE_KEY=YOUR_KEY
  sluice get targets
  sluice get processes orders --state idle --min-idle 10m
  sluice kill --target orders 2075425 --reason runaway
  sluice flush bi-pool --reason 'nightly reload'
  sluice get operations --since 1h

Server and key: flags, SLUICE_URL and SLUICE_KEY, or ~/.config/sluice/config.yaml:
  server: https://sluice.example.com
  keyFile: ~/.config/sluice/key

Exit codes: 0 done, 1 refused or failed, 2 partial or unknown, 3 still running, 64 usage.`,
  );
addGet(program);
addKill(program);
addFlush(program);
addTune(program);
addOperation(program);
addLocal(program);
addCompletion(program);
for (const command of everyCommand(program)) command.exitOverride();

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

// Who reads only the first lines closes the pipe: that is no error.
process.stdout.on('error', (thrown: NodeJS.ErrnoException) => {
  process.exit(thrown.code === 'EPIPE' ? exits.done : exits.failed);
});

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? exits.done : exits.usage;
  else {
    process.stderr.write(wordsOfError(thrown));
    process.exitCode = exitOfError(thrown);
  }
}
