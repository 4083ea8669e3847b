import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  readonly does: 'serve' | 'check' | 'help' | 'version';
  /** The file that is checked; null for the usual one. */
  readonly file: string | null;
  /** True: secrets that cannot be read are no errors. */
  readonly withoutSecrets: boolean;
}

/** A command line that means nothing. The message is a sentence for its user. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** How the program is used, as `--help` prints it. */
export const usage = `Usage: node dist/main.js [OPTION]

Serves the configuration that SLUICE_CONFIG names (default ./sluice.yaml) until SIGTERM or SIGINT.

  --check-config [FILE]   check a configuration, print what is wrong with it, and end
  --without-secrets       with --check-config: do not read the secrets that it names
  --version               print the version
  --help                  print this

Environment: SLUICE_CONFIG, LOG_LEVEL (trace to fatal, default info), OTEL_EXPORTER_OTLP_ENDPOINT and other OTEL_*.
Exit codes: 0 stopped, 1 could not start, 64 wrong usage, 78 the configuration cannot be used.`;

const known = {
  'check-config': { type: 'boolean' },
  'without-secrets': { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the command line. Throws BadUsage for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const [file = null, ...more] = positionals;
  const withoutSecrets = values['without-secrets'] ?? false;
  if (values.help === true) return { does: 'help', file: null, withoutSecrets };
  if (values.version === true) return { does: 'version', file: null, withoutSecrets };
  if (values['check-config'] === true) {
    if (more.length > 0) throw new BadUsage(`One file is checked at a time: ${String(more[0])} is one too many.`);
    return { does: 'check', file, withoutSecrets };
  }
  if (file !== null) throw new BadUsage(`${file} means nothing here: SLUICE_CONFIG names the configuration.`);
  if (withoutSecrets) throw new BadUsage('--without-secrets goes with --check-config: serving needs the secrets.');
  return { does: 'serve', file: null, withoutSecrets };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (thrown) {
    const name = args.find((arg) => arg.startsWith('-') && !Object.hasOwn(known, arg.replace(/^--?/, '')));
    throw new BadUsage(`There is no option ${name ?? ''}.`, { cause: thrown });
  }
}
