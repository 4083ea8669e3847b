import type { Backend, TargetConfig, Vendor } from '../../backends/backend.js';
import type { TrafficConfig } from '../../transport/limits.config.js';
import { StoreConfig } from '../../store/store.config.js';
import { SecretReference } from '../../transport/secret.config.js';
import { accept } from '../../validation/accept.js';
import { AuthConfig } from '../auth/auth.config.js';
import { LimitsConfig } from '../limits/limits.config.js';
import { ConfigError, pathOf, type ConfigFault } from './faults.js';
import { parseYaml, readText } from './file.js';
import { resolveSecrets } from './secrets.js';
import { ServerConfig, SluiceConfig } from './sluice.config.js';

/** A configuration that was checked whole: every reference leads somewhere, every secret was read. */
export interface Configuration {
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly store: StoreConfig;
  readonly limits: LimitsConfig;
  readonly connections: ReadonlyMap<string, { readonly vendor: Vendor; readonly config: TrafficConfig }>;
  readonly targets: readonly { readonly backend: Backend; readonly config: TargetConfig }[];
}

/** Reads and checks a configuration file. Throws ConfigError with every fault at once, and no secret in it. */
export function loadConfiguration(
  file: string,
  backends: readonly Backend[],
  environment: NodeJS.ProcessEnv,
): Configuration {
  return checkConfiguration(file, readText(file), backends, environment);
}

/**
 * Checks the text of a configuration file. Throws ConfigError with every fault at once, and no secret in it. `listening` is
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
  const top = check.accept(SluiceConfig, parseYaml(file, text), []);
  // Nothing can be said of what is no configuration at all.
  if (check.faultsBelow('')) throw new ConfigError(file, check.faults);
  const { server = new ServerConfig(), auth = new AuthConfig(), store = new StoreConfig() } = top;
  const { limits = new LimitsConfig() } = top;
  // What is wrong in itself was left out above: nothing follows from its absence.
  if (!check.faultsBelow('auth') && !check.faultsBelow('server'))
    check.auth([server, ...(listening ? [listening] : [])], auth);
  if (!check.faultsBelow('store')) check.store(store);
  const connections = check.connections(top.connections, backends);
  const targets = check.targets(top.targets, backends, connections);
  if (check.faults.length > 0) throw new ConfigError(file, check.faults);
  if (top.readOnly === true) for (const { config } of targets) config.readOnly = true;
  return { server, auth, store, limits, connections, targets };
}

const notLiteral = 'must be a reference to a secret: {env: NAME} or {file: PATH}';

type Connections = Configuration['connections'];

/** Gathers the faults of one configuration. */
class Check {
  readonly faults: ConfigFault[] = [];
  /** Connections that have faults themselves: what is behind them is not judged further. */
  readonly #unsound = new Set<string>();
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  accept<T extends object>(Class: new () => T, input: unknown, steps: readonly string[]): T {
    return this.#accept(Class, input, steps).value;
  }

  /** A secret that is missing leaves the rest sound: no check looks at what a secret says. */
  #accept<T extends object>(Class: new () => T, input: unknown, steps: readonly string[]) {
    const { value, misfits } = accept(Class, input);
    for (const { path, message, declared } of misfits) {
      this.#add(pathOf([...steps, ...path]), declared === SecretReference ? notLiteral : message);
    }
    this.faults.push(...resolveSecrets(value, pathOf(steps), this.#environment));
    return { value, isSound: misfits.length === 0 };
  }

  /** Is anything wrong with a member of the file, or below it? */
  faultsBelow(member: string): boolean {
    return this.faults.some(({ path }) => path === member || path.startsWith(`${member}.`));
  }

  /** Nobody is let in without credentials by a file that names loopback, while the server still listens elsewhere. */
  auth(servers: readonly ServerConfig[], { apiKeys = [], jwt = [], anonymous }: AuthConfig): void {
    if (anonymous !== undefined && !servers.every(isLoopback)) {
      this.#add('auth.anonymous', 'is only taken while server.host is a loopback address');
    }
    if (apiKeys.length + jwt.length === 0 && anonymous === undefined) {
      this.#add('auth', 'must name apiKeys or jwt: without them nobody could be let in safely');
    }
    jwt.forEach(({ issuer }, index) => {
      if (jwt.findIndex((other) => other.issuer === issuer) < index) {
        this.#add(`auth.jwt[${String(index)}].issuer`, 'is configured twice');
      }
    });
    apiKeys.forEach(({ sha256 }, index) => {
      if (apiKeys.findIndex((other) => other.sha256.toLowerCase() === sha256.toLowerCase()) < index) {
        this.#add(`auth.apiKeys[${String(index)}].sha256`, 'is configured twice');
      }
    });
  }

  store({ sqlite, postgres, memory }: StoreConfig): void {
    if ([sqlite, postgres, memory].filter((one) => one !== undefined).length > 1) {
      this.#add('store', 'must name one of sqlite, postgres and memory, not several');
    }
    const url = postgres?.url.secret.reveal();
    if (url !== undefined && !/^postgres(?:ql)?:$/.test(URL.parse(url)?.protocol ?? '')) {
      this.#add('store.postgres.url', 'must hold an address such as postgres://user:password@host:5432/database');
    }
  }

  connections(input: Record<string, unknown> | undefined, backends: readonly Backend[]): Connections {
    const vendors = [...new Set(backends.map((backend) => backend.vendor))];
    const found = Object.entries(input ?? {}).flatMap(([name, member]) => {
      const steps = ['connections', name];
      const vendor = vendors.find((one) => one.vendor === memberOf(member, 'vendor'));
      if (!vendor) {
        this.#add(pathOf([...steps, 'vendor']), `must be one of ${vendors.map((one) => one.vendor).join(', ')}`);
        return [];
      }
      const { value: config, isSound } = this.#accept(vendor.Config, member, steps);
      // What depends on several members is only checked once each of them is right.
      if (isSound) this.#addBelow(steps, vendor.check(config));
      else this.#unsound.add(name);
      return [[name, { vendor, config }] as const];
    });
    return new Map(found);
  }

  targets(
    input: readonly unknown[] | undefined,
    backends: readonly Backend[],
    connections: Connections,
  ): Configuration['targets'] {
    const names = new Set<string>();
    const identities = new Map<string, string>();
    if (input?.length === 0) this.#add('targets', 'must name at least one target');
    return (input ?? []).flatMap((member, index) => {
      const steps = ['targets', String(index)];
      const backend = backends.find((one) => one.kind === memberOf(member, 'backend'));
      if (!backend) {
        this.#add(pathOf([...steps, 'backend']), `must be one of ${backends.map((one) => one.kind).join(', ')}`);
        return [];
      }
      const before = this.faults.length;
      const config = this.accept(backend.Config, member, steps);
      if (names.has(config.name)) this.#add(pathOf([...steps, 'name']), 'is used by another target');
      // A name that is wrong was left out.
      if (Object.hasOwn(config, 'name')) names.add(config.name);
      const connection = connections.get(config.connection);
      if (!connection || connection.vendor !== backend.vendor) {
        this.#add(pathOf([...steps, 'connection']), `must name a connection to ${backend.vendor.vendor}`);
        return [];
      }
      if (this.faults.length > before || this.#unsound.has(config.connection)) return [];
      this.#addBelow(steps, backend.check(config, connection.config));
      const identity = backend.identity(config, connection.config);
      const other = identities.get(identity);
      if (other !== undefined) this.#add(pathOf(steps), `is the same thing as ${other} under another name`);
      identities.set(identity, pathOf(steps));
      return [{ backend, config }];
    });
  }

  #addBelow(steps: readonly string[], faults: readonly ConfigFault[]): void {
    for (const { path, message } of faults) this.#add(`${pathOf(steps)}${path === '' ? '' : `.${path}`}`, message);
  }

  #add(path: string, message: string): void {
    this.faults.push({ path, message });
  }
}

function isLoopback({ host = '0.0.0.0' }: ServerConfig): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
