import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  readonly does: 'serve' | 'check' | 'verify' | 'help' | 'version';
  /** The configuration that is checked, or names the store that is verified; null for the usual one. */
  readonly file: string | null;
  /** True: secrets that cannot be read are no errors. */
  readonly withoutSecrets: boolean;
  /** How the record is verified. */
  readonly record?: RecordOptions;
}

/** What of the command line says how the record is verified. */
export interface RecordOptions {
  /** `sqlite:PATH`, `postgres`, or null for the store of the configuration. */
  readonly store: string | null;
  /** A file with the seals of an audit log. */
  readonly seals: string | null;
  readonly json: boolean;
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
  --verify-record         verify the record of the store, which is only read, and end
    --config FILE           the configuration that names the store
    --store STORE           the store itself: sqlite:PATH, or postgres, whose URL is in SLUICE_STORE_URL
    --seals FILE            an audit log that was kept elsewhere: the store must have its seals
    --output json           for programs
  --version               print the version
  --help                  print this

Environment: SLUICE_CONFIG, LOG_LEVEL (trace to fatal, default info), OTEL_EXPORTER_OTLP_ENDPOINT and other OTEL_*.
Exit codes: 0 stopped, 1 could not start, 64 wrong usage, 78 the configuration cannot be used.
Of --verify-record: 0 valid, 1 not valid, 2 it could not be told, 64 and 78 as above.`;

const known = {
  'check-config': { type: 'boolean' },
  'without-secrets': { type: 'boolean' },
  'verify-record': { type: 'boolean' },
  config: { type: 'string' },
  store: { type: 'string' },
  seals: { type: 'string' },
  output: { type: 'string', short: 'o' },
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
  if (values['verify-record'] === true) return { does: 'verify', ...readRecordOptions(values, file), withoutSecrets };
  const alone = (['config', 'store', 'seals', 'output'] as const).find((name) => values[name] !== undefined);
  if (alone) throw new BadUsage(`--${alone} goes with --verify-record.`);
  if (file !== null) throw new BadUsage(`${file} means nothing here: SLUICE_CONFIG names the configuration.`);
  if (withoutSecrets) throw new BadUsage('--without-secrets goes with --check-config: serving needs the secrets.');
  return { does: 'serve', file: null, withoutSecrets };
}

function readRecordOptions(
  { config, store, seals, output }: ReturnType<typeof parse>['values'],
  more: string | null,
): Pick<Options, 'file' | 'record'> {
  if (more !== null) throw new BadUsage(`${more} means nothing here: --store or --config names the store.`);
  if (store !== undefined && config !== undefined) throw new BadUsage('--store and --config both name a store.');
  if (store !== undefined && store !== 'postgres' && !/^sqlite:./.test(store)) {
    // Whatever else it is: a URL may have a password in it.
    throw new BadUsage('--store is sqlite:PATH, or postgres, whose URL is in SLUICE_STORE_URL.');
  }
  if (output !== undefined && output !== 'json') throw new BadUsage('--output is json, or left out.');
  return {
    file: config ?? null,
    record: { store: store ?? null, seals: seals ?? null, json: output === 'json' },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (thrown) {
    const name = args.find((arg) => arg.startsWith('-') && !Object.hasOwn(known, arg.replace(/^--?/, '')));
    throw new BadUsage(`There is no option ${name ?? ''}.`, { cause: thrown });
  }
}
