import { Argument, type Command, type Option } from 'commander';
import { connect } from './settings.ts';

const bash = `_sluice() {
  local IFS=$'\\n'
  COMPREPLY=($(sluice complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sluice sluice
`;

const zsh = `#compdef sluice
_sluice() {
  local -a found
  found=("\${(@f)$(sluice complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
if [[ "$funcstack[1]" = "_sluice" ]]; then _sluice; else compdef _sluice sluice; fi
`;

/** `sluice completion bash|zsh`, and what its scripts ask. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion of a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(sluice completion bash)\n  sluice completion zsh > "${fpath[1]}/_sluice"',
    )
    .action((shell: string) => {
      process.stdout.write(shell === 'bash' ? bash : zsh);
    });
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const found = await completionsOf(program, words);
      process.stdout.write(found.map((word) => `${word}\n`).join(''));
    });
}

/** What may stand in place of the last word. */
async function completionsOf(program: Command, words: readonly string[]): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = commandOf(program, before);
  const isOf = (option: Option) => [option.short, option.long].includes(before.at(-1) ?? '');
  const option = command.options.find((one) => isOf(one) && one.required);
  if (option) return fitting(await valuesOf(option.argChoices, option.long === '--target'), current);
  if (current.startsWith('-')) {
    return fitting(
      command.options.flatMap((one) => (one.hidden || one.long === undefined ? [] : [one.long])),
      current,
    );
  }
  const names = command.commands.filter((one) => one.name() !== 'complete').map((one) => one.name());
  const [argument] = command.registeredArguments;
  return fitting([...names, ...(await valuesOf(argument?.argChoices, takesTargets(command)))], current);
}

function takesTargets(command: Command): boolean {
  const name = command.name();
  return name === 'flush' || name === 'tune' || ['targets', 'processes'].includes(name);
}

/** The choices, or the names of your targets: nothing, and no error, where nobody can be asked. */
async function valuesOf(choices: readonly string[] | undefined, areTargets: boolean): Promise<readonly string[]> {
  if (choices !== undefined || !areTargets) return choices ?? [];
  try {
    return (await connect({}).targets({ timeoutMs: 1500 })).map(({ name }) => name);
  } catch {
    return [];
  }
}

function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    command = command.commands.find((one) => one.name() === word || one.aliases().includes(word)) ?? command;
  }
  return command;
}

function fitting(words: readonly string[], begun: string): string[] {
  return words.filter((word) => word.startsWith(begun));
}
