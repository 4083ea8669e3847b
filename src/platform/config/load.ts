import { ApprovalConfig } from '../../validation/approval.config.js';
import type { ReceiverConfig } from '../../notify/notify.config.js';
import type { Backend, TargetConfig } from '../../backends/backend.js';
import { StoreConfig } from '../../store/store.config.js';
import { AuthConfig } from '../auth/auth.config.js';
import { LimitsConfig } from '../limits/limits.config.js';
import { tellReceivers } from './check-receivers.js';
import { Check, type ConnectionChecks, type TargetChecks } from './check.js';
import { InvalidConfiguration, type ConfigError } from './errors.js';
import { parseYaml, readText, type WrittenConfiguration } from './file.js';
import type { SecretSource } from './secrets.js';
import { ServerConfig } from './server.config.js';
import { SluiceConfig } from './sluice.config.js';
import { warningsOf } from './warnings.js';

/** A configuration that was checked whole: every reference leads somewhere, every secret was read. */
export interface Configuration {
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly store: StoreConfig;
  readonly limits: LimitsConfig;
  readonly connections: ConnectionChecks;
  readonly targets: TargetChecks;
  readonly notify: readonly ReceiverConfig[];
  /** What is valid, and hardly meant. */
  readonly warnings: readonly string[];
}

/** Reads and checks a configuration file. Throws InvalidConfiguration with every error at once, and no secret in it. */
export function loadConfiguration(
  file: string,
  backends: readonly Backend[],
  environment: NodeJS.ProcessEnv,
): Configuration {
  return checkConfiguration(file, readText(file), backends, { environment });
}

/**
 * Checks the text of a configuration file. Throws InvalidConfiguration with every error at once, and no secret in it.
 * `listening` is the server that will go on as it is, if there is one.
 */
export function checkConfiguration(
  file: string,
  text: string,
  backends: readonly Backend[],
  secrets: SecretSource,
  listening?: ServerConfig,
): Configuration {
  const check = new Check(secrets);
  const { errors } = check;
  const written = parseYaml(file, text);
  const top = check.accept(SluiceConfig, written.value, []);
  // Nothing can be said of what is no configuration at all.
  if (!errors.isThere('')) throw new InvalidConfiguration(file, errors.all);
  const { server = new ServerConfig(), auth = new AuthConfig(), store = new StoreConfig() } = top;
  const { limits = new LimitsConfig(), notify = [] } = top;
  check.server(server, listening);
  check.auth([...(errors.isRight('server.host') ? [server] : []), ...(listening ? [listening] : [])], auth);
  check.store(store);
  tellReceivers(notify, errors, secrets);
  const connections = check.connections(top.connections, backends);
  const targets = check.targets(top.targets, backends, connections);
  if (errors.all.length > 0) throw new InvalidConfiguration(file, errors.all.map(placeIn(written)));
  for (const { config } of targets) takeOver(top, config);
  const warnings = warningsOf(auth, connections, targets, notify);
  return { server, auth, store, limits, connections, targets, notify, warnings };
}

/** What the configuration says of all targets, where one does not say it itself. */
function takeOver({ readOnly, planSeconds, reason, approval }: SluiceConfig, config: TargetConfig): void {
  if (readOnly === true) config.readOnly = true;
  if (planSeconds !== undefined) config.planSeconds ??= planSeconds;
  if (reason !== undefined) config.reason ??= reason;
  if (approval !== undefined) config.approval = Object.assign(new ApprovalConfig(), approval, told(config.approval));
}

/** The members that say anything. */
function told(config: ApprovalConfig | undefined): Partial<ApprovalConfig> {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== undefined));
}

/** Adds where an error is written, and the name of the target that it is about. */
function placeIn(written: WrittenConfiguration): (error: ConfigError) => ConfigError {
  const { targets } = written.value as { readonly targets?: unknown };
  return (error) => {
    const index = /^targets\[(\d+)\]/.exec(error.path)?.[1];
    const target: unknown = Array.isArray(targets) && index !== undefined ? targets[Number(index)] : undefined;
    const name = (target as { readonly name?: unknown } | null | undefined)?.name;
    return { ...error, line: written.lineOf(error.path), ...(isName(name) ? { target: name } : {}) };
  };
}

/** Can this be a name? What cannot may be a secret in the wrong place. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name);
}
