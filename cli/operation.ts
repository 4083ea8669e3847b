import { Option, type Command } from 'commander';
import type { Grant, Operation, Sluice } from '../clients/typescript/src/sluice.ts';
import { progressLine } from './ask.ts';
import { carryOut, showOutcome } from './carry-out.ts';
import { secondsOf } from './duration.ts';
import { exitOf, exits } from './exit.ts';
import { withOutput, withServer } from './flags.ts';
import { jsonOf, tableOf, type Format } from './output.ts';
import { connect, type ServerFlags } from './settings.ts';

type Flags = ServerFlags & { readonly output: Format };

const example = 'op_0mwqjun2q00169caf93fe2fc4';

const credentials = { apiKey: 'API key', token: 'token', anonymous: 'no credential' } as const;

const grantColumns = [
  ['ROLE', ({ role, actions = [] }: Grant) => [role ?? [], ...actions].flat().join(' ')],
  ['TARGETS', ({ targets }: Grant) => targets.join(' ')],
  ['STATEMENTS', ({ statements }: Grant) => (statements ? 'yes' : 'no')],
] as const;

/** `sluice wait`, `sluice cancel`, `sluice approve`, `sluice reject`, `sluice me`. */
export function addOperation(program: Command): void {
  withServer(withOutput(program.command('wait').description('wait for the end of an operation')))
    .argument('<id>', 'op_…')
    .addOption(new Option('--timeout <duration>', 'for this long at most; then exit code 3').argParser(secondsOf))
    .option('--drained', 'wait for the drain of a pool, too; exit code 2 if it does not drain')
    .addHelpText('after', `\nExample:\n  sluice wait ${example} --drained --timeout 10m`)
    .action(async (id: string, flags: Flags & { readonly timeout?: number; readonly drained?: boolean }) => {
      const sluice = connect(flags);
      process.exitCode = await carryOut(async ({ signal, timeoutMs, onProgress }) => {
        const options = { signal, timeoutMs, onProgress };
        const operation = await sluice.wait(id, options);
        return flags.drained === true ? untilDrained(sluice, operation, timeoutMs, signal) : operation;
      }, flags);
      if (flags.drained === true) {
        const { targets } = await sluice.operation(id);
        if (targets.some(({ drain }) => drain?.state === 'watching')) process.exitCode = exits.running;
        else if (targets.some(({ drain }) => drain && drain.state !== 'drained')) process.exitCode = exits.partial;
      }
    });

  withServer(withOutput(program.command('cancel').description('stop an operation: what was not sent yet is not sent')))
    .argument('<id>', 'op_…')
    .option('-r, --reason <text>', 'why; it is recorded')
    .addHelpText('after', `\nExample:\n  sluice cancel ${example} --reason 'wrong target'`)
    .action(async (id: string, flags: Flags & { readonly reason?: string }) => {
      const { reason, output } = flags;
      const operation = await connect(flags).cancel(id, reason === undefined ? {} : { reason });
      showOutcome(operation, output);
      process.exitCode = exitOf(operation);
    });

  for (const [verb, says] of [
    ['approve', 'carry out what somebody else asked for'],
    ['reject', 'say no to what somebody else asked for: nothing of it is sent'],
  ] as const) {
    withServer(withOutput(program.command(verb).description(says)))
      .argument('<id>', 'op_…')
      .option('-r, --reason <text>', 'why; it is recorded')
      .addHelpText('after', `\nExamples:\n  sluice get approvals\n  sluice ${verb} ${example} --reason 'seen together'`)
      .action(async (id: string, flags: Flags & { readonly reason?: string }) => {
        const { reason, output } = flags;
        const operation = await connect(flags)[verb](id, reason === undefined ? {} : { reason });
        showOutcome(operation, output);
        process.exitCode = verb === 'reject' && operation.state === 'rejected' ? exits.done : exitOf(operation);
      });
  }

  withServer(withOutput(program.command('me').description('who you are to Sluice, and what you may do'))).action(
    async (flags: Flags) => {
      const me = await connect(flags).me();
      if (flags.output !== 'table') {
        process.stdout.write(`${jsonOf(me, flags.output === 'json' ? 2 : undefined)}\n`);
        return;
      }
      const until = me.expiresAt === null ? '' : `, until ${me.expiresAt}`;
      process.stdout.write(`${me.name} (${credentials[me.credential]}${until})\n`);
      if (me.grants.length === 0) process.stdout.write('Nothing is granted to you.\n');
      else process.stdout.write(tableOf(me.grants, grantColumns, '  '));
    },
  );
}

async function untilDrained(
  sluice: Sluice,
  begun: Operation,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Operation> {
  const line = progressLine();
  const end = timeoutMs === undefined ? Infinity : Date.now() + timeoutMs;
  let operation = begun;
  const isWatched = () => operation.targets.some(({ drain }) => drain?.state === 'watching');
  while (isWatched() && Date.now() < end && signal?.aborted !== true) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    operation = await sluice.operation(operation.id);
    const left = operation.targets.reduce((sum, { drain }) => sum + (drain?.remaining ?? 0), 0);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${operation.id}: ${String(left)} sessions still drain`);
  }
  line.clear();
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return operation;
}
