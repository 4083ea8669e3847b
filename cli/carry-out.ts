import {
  SluiceError,
  type ChangeOptions,
  type Operation,
  type Preview,
  type Sluice,
  type Why,
} from '../clients/typescript/src/sluice.ts';
import { confirm, progressLine } from './ask.ts';
import { exitOf, exitOfError, exits, UsageError, wordsOfError } from './exit.ts';
import { jsonOf, type Format } from './output.ts';
import { budgetText, leftAlone, outcomeText, previewText, whatItDoes } from './preview-text.ts';

/** How a person goes about a change. */
export interface ChangeFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly reason?: string;
  readonly onBehalfOf?: string;
  readonly askApproval?: boolean;
  readonly breakGlass?: boolean;
  readonly output: Format;
}

/** The call itself, for where there is no plan of it. */
export type SendCall = (options: ChangeOptions) => Promise<Operation>;

/** Shows the plan, asks, carries just that out and follows it to its end. Resolves to the exit code. */
export async function decideAndCarryOut(
  sluice: Sluice,
  preview: Preview,
  flags: ChangeFlags,
  sendCall: SendCall,
): Promise<number> {
  const { operation, plan } = preview;
  const { yes = false, dryRun = false, output } = flags;
  const { stderr, stdout } = process;
  // What programs read is the record; the plan is for people.
  (output === 'table' && dryRun ? stdout : stderr).write(previewText(operation) + (await budgetOf(sluice, operation)));
  if (dryRun) {
    if (output !== 'table') stdout.write(`${jsonOf(operation, output === 'json' ? 2 : undefined)}\n`);
    else if (plan) stdout.write(`\nTo do just this until ${plan.expiresAt}: --plan ${plan.id}\n`);
    return exitOf(operation);
  }
  if (operation.refusal) return exits.failed;
  // A plan leaves out the targets that it cannot fix: then the flush itself is sent.
  const isWhole = plan && operation.targets.every(({ planNote }) => planNote === undefined);
  const isByVendor = !isWhole && operation.kind === 'sessions.flush';
  if (!isByVendor && (operation.counts.wouldEnd === 0 || !plan)) {
    stderr.write('No session fits: nothing was done.\n');
    if (output !== 'table') stdout.write(`${jsonOf(operation)}\n`);
    return exits.done;
  }
  const targets = operation.targets.map(({ target }) => target).join(', ');
  const how = flags.askApproval === true ? 'Ask for approval: ' : flags.breakGlass === true ? 'Break the glass: ' : '';
  if (!yes && !(await confirm(`\n${how}${whatItDoes(operation)} on ${targets}?`))) {
    stderr.write('Nothing was done. (Answer y, or give --yes.)\n');
    return exits.failed;
  }
  const send = (options: ChangeOptions) => (isByVendor ? sendCall(options) : preview.commit(whyOf(flags), options));
  const code = await carryOut(send, flags);
  // Somebody who was named is left alone: not all that was asked for is done.
  return code === exits.done && leftAlone(operation).length > 0 ? exits.partial : code;
}

/** Only told: where it cannot be had, nothing is missing. */
async function budgetOf(sluice: Sluice, operation: Operation): Promise<string> {
  if (operation.kind !== 'processes.kill') return '';
  return budgetText(operation, await sluice.targets({ timeoutMs: 5000 }).catch(() => []));
}

/** Why, for whom, and how the call gets past what would refuse it. */
export function whyOf({ reason, onBehalfOf, askApproval = false, breakGlass = false }: ChangeFlags): Why {
  if (askApproval && breakGlass) throw new UsageError('Give --ask-approval or --break-glass, not both.');
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(askApproval ? { approval: 'request' } : {}),
    ...(breakGlass ? { breakGlass } : {}),
  };
}

/** Sends a change, shows its progress until it is over and what came of it. Resolves to the exit code. */
export async function carryOut(
  send: (options: ChangeOptions) => Promise<Operation>,
  { wait = true, askApproval = false, timeout, output }: ChangeFlags,
): Promise<number> {
  const stop = new AbortController();
  const line = progressLine();
  let latest: Operation | null = null;
  const onInterrupt = () => {
    stop.abort();
  };
  process.once('SIGINT', onInterrupt);
  try {
    const operation = await send({
      signal: stop.signal,
      timeoutMs: timeout === undefined ? undefined : timeout * 1000,
      // Nobody waits at the keyboard for a second person.
      untilEnd: wait && !askApproval,
      onProgress: (read) => {
        latest = read;
        line.tell(read);
      },
    });
    line.clear();
    showOutcome(operation, output);
    return exitOf(operation);
  } catch (thrown) {
    line.clear();
    return tellThrown(thrown, latest, output);
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

function tellThrown(thrown: unknown, latest: Operation | null, output: Format): number {
  const stopped = thrown instanceof SluiceError && (thrown.code === 'aborted' || thrown.code === 'timeout');
  if (stopped && latest) {
    process.stderr.write(`It goes on: sluice wait ${latest.id}   (to stop it: sluice cancel ${latest.id})\n`);
    showOutcome(latest, output);
    return exits.running;
  }
  process.stderr.write(wordsOfError(thrown));
  if (stopped) process.stderr.write('Whether it was carried out: sluice get operations --since 5m\n');
  const operation = thrown instanceof SluiceError ? thrown.operation : null;
  if (operation) showOutcome(operation, output);
  else if (output !== 'table' && thrown instanceof SluiceError && thrown.problem) {
    process.stdout.write(`${jsonOf(thrown.problem, output === 'json' ? 2 : undefined)}\n`);
  }
  return operation && !stopped ? exitOf(operation) : exitOfError(thrown);
}

/** What came of an operation, in the format that was asked for. */
export function showOutcome(operation: Operation, output: Format): void {
  if (output === 'table' || output === 'csv') process.stdout.write(outcomeText(operation));
  else process.stdout.write(`${jsonOf(operation, output === 'json' ? 2 : undefined)}\n`);
}

/** The targets by their names and labels. A label stands for those of your targets that carry it. */
export async function targetsOf(
  sluice: Sluice,
  names: readonly string[],
  labels: readonly string[],
): Promise<string[]> {
  if (labels.length === 0) return [...new Set(names)];
  const wanted = labels.map((label) => /^([^:=]+)[:=](.*)$/.exec(label) ?? [label, label, '']);
  const all = await sluice.targets();
  const labelled = all.filter((target) =>
    wanted.every(([, name = '', value]) => (target.labels as Record<string, string>)[name] === value),
  );
  if (labelled.length === 0) {
    throw new SluiceError(`No target of yours carries ${labels.join(' and ')}.`, { code: 'unknown-target' });
  }
  return [...new Set([...names, ...labelled.map(({ name }) => name)])];
}
