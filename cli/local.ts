import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { exits, UsageError } from './exit.ts';
import { jsonOf } from './output.ts';

/** What needs no server: `sluice config check`, `sluice key new`. */
export function addLocal(program: Command): void {
  program
    .command('config')
    .description("the gateway's configuration")
    .command('check')
    .description('check a configuration file, and tell every error at once')
    .argument('[file]', 'SLUICE_CONFIG, or ./sluice.yaml, if none is named')
    .option('--without-secrets', 'do not read the secrets that it names')
    .action((file: string | undefined, { withoutSecrets }: { readonly withoutSecrets?: boolean }) => {
      const gateway = fileURLToPath(new URL('main.js', import.meta.url));
      if (!existsSync(gateway))
        throw new UsageError(`The gateway is not beside this program (${gateway}): run its own sluice.`);
      const args = [...(withoutSecrets === true ? ['--without-secrets'] : []), ...(file === undefined ? [] : [file])];
      const { status } = spawnSync(process.execPath, [gateway, '--check-config', ...args], { stdio: 'inherit' });
      process.exitCode = status === 0 ? exits.done : exits.failed;
    });

  program
    .command('key')
    .description('keys of callers')
    .command('new')
    .description('make a key: shows it once, and its SHA-256 for the configuration')
    .option('--name <caller>', 'whose it is', 'my-app')
    .option('--role <role>', 'viewer, operator or admin', 'viewer')
    .option('--json', 'for programs')
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
