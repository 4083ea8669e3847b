import type { Backend } from '../../backends/backend.js';
import { StoreConfig } from '../../store/store.config.js';
import { AuthConfig } from '../auth/auth.config.js';
import { LimitsConfig } from '../limits/limits.config.js';
import { Check, type Connections, type Targets } from './check.js';
import { InvalidConfiguration } from './errors.js';
import { parseYaml, readText } from './file.js';
import { ServerConfig, SluiceConfig } from './sluice.config.js';

/** A configuration that was checked whole: every reference leads somewhere, every secret was read. */
export interface Configuration {
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly store: StoreConfig;
  readonly limits: LimitsConfig;
  readonly connections: Connections;
  readonly targets: Targets;
}

/** Reads and checks a configuration file. Throws InvalidConfiguration with every error at once, and no secret in it. */
export function loadConfiguration(
  file: string,
  backends: readonly Backend[],
  environment: NodeJS.ProcessEnv,
): Configuration {
  return checkConfiguration(file, readText(file), backends, environment);
}

/**
 * Checks the text of a configuration file. Throws InvalidConfiguration with every error at once, and no secret in it. `listening` is
 * the server that will go on as it is, if there is one.
 */
export function checkConfiguration(
  file: string,
  text: string,
  backends: readonly Backend[],
  environment: NodeJS.ProcessEnv,
  listening?: ServerConfig,
): Configuration {
  const check = new Check(environment);
  const { errors } = check;
  const top = check.accept(SluiceConfig, parseYaml(file, text), []);
  // Nothing can be said of what is no configuration at all.
  if (!errors.isThere('')) throw new InvalidConfiguration(file, errors.all);
  const { server = new ServerConfig(), auth = new AuthConfig(), store = new StoreConfig() } = top;
  const { limits = new LimitsConfig() } = top;
  check.server(server);
  check.auth([...(errors.isRight('server.host') ? [server] : []), ...(listening ? [listening] : [])], auth);
  check.store(store);
  const connections = check.connections(top.connections, backends);
  const targets = check.targets(top.targets, backends, connections);
  if (errors.all.length > 0) throw new InvalidConfiguration(file, errors.all);
  if (top.readOnly === true) for (const { config } of targets) config.readOnly = true;
  return { server, auth, store, limits, connections, targets };
}
