import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createSluice, version, type Sluice } from '../clients/typescript/src/sluice.ts';
import { UsageError } from './exit.ts';

/** What says where Sluice is, and who asks. */
export interface ServerFlags {
  readonly server?: string;
  readonly keyFile?: string;
  readonly tokenFile?: string;
}

interface Settings {
  readonly server?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

const members = ['server', 'key', 'keyFile', 'token', 'tokenFile'];

/** Where the settings of a user are. */
export function settingsFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'sluice', 'config.yaml');
}

/** A client for the Sluice that flags name; else the environment; else the settings of the user. */
export function connect(flags: ServerFlags): Sluice {
  const { env } = process;
  const file = readSettings(settingsFile(env));
  const url = flags.server ?? env['SLUICE_URL'] ?? file.server;
  if (url === undefined) {
    throw new UsageError(
      `No server is named. Give --server, set SLUICE_URL, or write "server: https://…" into ${settingsFile(env)}.`,
    );
  }
  if (!/^https?:\/\/[^/]/.test(url)) throw new UsageError(`"${url}" is not an address: write http://… or https://….`);
  const options = { url, userAgent: `sluice-cli/${version}`, retries: 3, longestRetryMs: 15_000 };
  const [kind, credential] = credentialOf(flags, env, file);
  return createSluice({ ...options, [kind]: credential });
}

type Credential = ['key' | 'token', string];

function credentialOf(flags: ServerFlags, env: NodeJS.ProcessEnv, file: Settings): Credential {
  const sources: (() => Credential | undefined)[] = [
    () => fromFile('key', flags.keyFile),
    () => fromFile('token', flags.tokenFile),
    () => given('key', env['SLUICE_KEY']),
    () => fromFile('key', env['SLUICE_KEY_FILE']),
    () => given('token', env['SLUICE_TOKEN']),
    () => fromFile('token', env['SLUICE_TOKEN_FILE']),
    () => given('key', file.key),
    () => fromFile('key', file.keyFile),
    () => given('token', file.token),
    () => fromFile('token', file.tokenFile),
  ];
  for (const source of sources) {
    const found = source();
    if (found) return found;
  }
  throw new UsageError(
    `No key is given. Set SLUICE_KEY, give --key-file, or write "key: …" into ${settingsFile(env)} (chmod 600).`,
  );
}

function given(kind: Credential[0], value: string | undefined): Credential | undefined {
  return value === undefined || value === '' ? undefined : [kind, value];
}

function fromFile(kind: Credential[0], path: string | undefined): Credential | undefined {
  if (path === undefined) return undefined;
  try {
    return [kind, readFileSync(path === '-' ? 0 : path.replace(/^~(?=\/)/, homedir()), 'utf8').trim()];
  } catch (thrown) {
    throw new UsageError(`The ${kind} cannot be read: ${(thrown as Error).message}`);
  }
}

function readSettings(path: string): Settings {
  if (!existsSync(path)) return {};
  const settings: unknown = parse(readFileSync(path, 'utf8')) ?? {};
  if (typeof settings !== 'object' || settings === null)
    throw new UsageError(`${path} must have members such as "server: https://…".`);
  const strange = Object.keys(settings).filter((name) => !members.includes(name));
  if (strange.length > 0)
    throw new UsageError(`${path}: "${strange.join('", "')}" is unknown; there are ${members.join(', ')}.`);
  const holdsSecret = 'key' in settings || 'token' in settings;
  if (holdsSecret && process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    process.stderr.write(`Warning: others can read the key in ${path}: chmod 600 ${path}\n`);
  }
  return settings;
}
