import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { exits, UsageError } from './exit.ts';
import { jsonOf } from './output.ts';

/** The oldest Node that runs the gateway: this program runs on older ones. */
const oldestNode = 26;

/** What needs no server: `sluice config check`, `sluice record verify`, `sluice key new`. */
export function addLocal(program: Command): void {
  program
    .command('config')
    .description("the gateway's configuration")
    .command('check')
    .description('check a configuration file, and tell every error at once')
    .argument('[file]', 'SLUICE_CONFIG, or ./sluice.yaml, if none is named')
    .option('--without-secrets', 'do not read the secrets that it names')
    .addHelpText('after', '\nExample:\n  sluice config check ./sluice.yaml --without-secrets')
    .action((file: string | undefined, { withoutSecrets }: { readonly withoutSecrets?: boolean }) => {
      const args = [...(withoutSecrets === true ? ['--without-secrets'] : []), ...(file === undefined ? [] : [file])];
      process.exitCode = runGateway(['--check-config', ...args]) === 0 ? exits.done : exits.failed;
    });

  program
    .command('record')
    .description('the record of what was done')
    .command('verify')
    .description('prove that nothing in the store was changed, removed or added since it was written')
    .option('--config <file>', 'the configuration that names the store; SLUICE_CONFIG, or ./sluice.yaml')
    .option(
      '--store <store>',
      'the store itself, or a copy: sqlite:PATH, or postgres, whose URL is in SLUICE_STORE_URL',
    )
    .option('--seals <file>', 'an audit log that was kept elsewhere: the store must have its seals')
    .addOption(new Option('-o, --output <format>', 'for people, or for programs').choices(['table', 'json']))
    .addHelpText('after', '\nExit codes: 0 valid, 1 not valid, 2 it could not be told, 64 usage.')
    .action((flags: Readonly<Record<'config' | 'store' | 'seals' | 'output', string | undefined>>) => {
      const { output, ...named } = flags;
      const args = Object.entries({ ...named, ...(output === 'json' ? { output } : {}) }).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name}=${value}`],
      );
      process.exitCode = runGateway(['--verify-record', ...args]);
    });

  program
    .command('key')
    .description('keys of callers')
    .command('new')
    .description('make a key: shows it once, and its SHA-256 for the configuration')
    .option('--name <caller>', 'whose it is', 'my-app')
    .option('--role <role>', 'viewer, operator or admin', 'viewer')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  sluice key new --name reports --role viewer')
    .action(({ name, role, json }: { readonly name: string; readonly role: string; readonly json?: boolean }) => {
      const key = `slk_${randomBytes(32).toString('base64url')}`;
      const sha256 = createHash('sha256').update(key).digest('hex');
      if (json === true) {
        process.stdout.write(`${jsonOf({ key, sha256 })}\n`);
        return;
      }
      process.stdout.write(
        `key     ${key}\nsha256  ${sha256}\n\nThe key is shown this once: give it to its caller, and keep it nowhere else.\n` +
          `For the configuration:\n\nauth:\n  apiKeys:\n    - name: ${JSON.stringify(name)}\n      sha256: ${sha256}\n` +
          `      grants: [{ role: ${role}, targets: ["*"] }]\n`,
      );
    });
}

/** Runs the gateway that is beside this program, and gives its exit code. */
function runGateway(args: readonly string[]): number {
  const gateway = fileURLToPath(new URL('main.js', import.meta.url));
  if (!existsSync(gateway))
    throw new UsageError(`The gateway is not beside this program (${gateway}): run its own sluice.`);
  if (Number(process.versions.node.split('.')[0]) < oldestNode)
    throw new UsageError(`This needs Node ${String(oldestNode)} or newer, this is ${process.versions.node}.`);
  return spawnSync(process.execPath, [gateway, ...args], { stdio: 'inherit' }).status ?? exits.failed;
}
