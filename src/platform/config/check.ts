import type { Backend, MemberError, Identity, TargetConfig, Vendor } from '../../backends/backend.js';
import type { StoreConfig } from '../../store/store.config.js';
import type { TrafficConfig } from '../../transport/limits.config.js';
import type { ApiKeyConfig, AuthConfig, JwtConfig } from '../auth/auth.config.js';
import { tellGrantsOfNothing } from './check-grants.js';
import { didYouMean } from './did-you-mean.js';
import { ConfigErrors, pathOf } from './errors.js';
import { errorsByAll, fit } from './fit.js';
import { keyPairErrors } from './key-pair.js';
import type { SecretSource } from './secrets.js';
import type { ServerConfig } from './server.config.js';

/** The connections that were read, by name. */
export type ConnectionChecks = ReadonlyMap<string, { readonly vendor: Vendor; readonly config: TrafficConfig }>;

/** The targets that were read. */
export type TargetChecks = readonly { readonly backend: Backend; readonly config: TargetConfig }[];

/** Where a member of a part stands in the file. */
type Place = (member: string) => string;

/**
 * Gathers the errors of one configuration. What is wrong in itself was left out: each check is made of what is left,
 * and tells nothing that would follow from what is not.
 */
export class Check {
  readonly errors = new ConfigErrors();
  readonly #secrets: SecretSource;

  constructor(secrets: SecretSource) {
    this.#secrets = secrets;
  }

  accept<T extends object>(Class: new () => T, input: unknown, steps: readonly string[]): T {
    const { value, errors, gaps } = fit(Class, input, steps, this.#secrets);
    for (const { path, message } of errors) this.errors.add(path, message);
    this.errors.leaveOut(gaps);
    return value;
  }

  /** The files of a certificate that a running server looks after itself are not judged. */
  server({ port = 8080, management, tls }: ServerConfig, listening?: ServerConfig): void {
    const isSure = this.errors.isRight('server.port') && this.errors.isRight('server.management.port');
    if (isSure && port !== 0 && management?.port === port) {
      this.errors.add('server.management.port', 'must be another than server.port');
    }
    const isKept = tls?.cert === listening?.tls?.cert && tls?.key === listening?.tls?.key;
    if (!tls || isKept || this.#secrets.withoutSecrets === true || !this.errors.isRight('server.tls')) return;
    for (const { member, message } of keyPairErrors(tls)) this.errors.add(`server.tls.${member}`, message);
  }

  /** Nobody is let in without credentials by a file that names loopback, while the server still listens elsewhere. */
  auth(servers: readonly ServerConfig[], { apiKeys = [], jwt = [], anonymous }: AuthConfig): void {
    if (anonymous !== undefined && !servers.every(isLoopback)) {
      this.errors.add('auth.anonymous', 'is only taken while server.host is a loopback address');
    }
    if (apiKeys.length + jwt.length === 0 && anonymous === undefined && this.errors.isTold('auth')) {
      this.errors.add('auth', 'must name apiKeys or jwt: without them no caller could be let in safely');
    }
    tellGrantsOfNothing({ apiKeys, jwt }, this.errors);
    const issuers = jwt.map(({ issuer }: Partial<JwtConfig>) => issuer);
    for (const index of repeatedIn(issuers)) {
      this.errors.add(`auth.jwt[${String(index)}].issuer`, 'is configured twice');
    }
    const hashes = apiKeys.map(({ sha256 }: Partial<ApiKeyConfig>) => sha256?.toLowerCase());
    for (const index of repeatedIn(hashes)) {
      this.errors.add(`auth.apiKeys[${String(index)}].sha256`, 'is configured twice');
    }
  }

  store({ sqlite, postgres, memory }: StoreConfig): void {
    if ([sqlite, postgres, memory].filter((one) => one !== undefined).length > 1) {
      this.errors.add('store', 'must name one of sqlite, postgres and memory, not several');
    }
    const isRead = this.#secrets.withoutSecrets !== true && this.errors.isRight('store.postgres.url');
    const url = isRead ? postgres?.url.secret.reveal() : undefined;
    if (url !== undefined && !/^postgres(?:ql)?:$/.test(URL.parse(url)?.protocol ?? '')) {
      this.errors.add('store.postgres.url', 'must hold an address such as postgres://user:password@host:5432/database');
    }
  }

  connections(input: Record<string, unknown> | undefined, backends: readonly Backend[]): ConnectionChecks {
    const vendors = [...new Set(backends.map((backend) => backend.vendor))];
    const found = Object.entries(input ?? {}).flatMap(([name, member]) => {
      const steps = ['connections', name];
      const vendor = vendors.find((one) => one.vendor === memberOf(member, 'vendor'));
      if (!vendor) {
        const known = vendors.map((one) => one.vendor);
        this.#unknown(vendors, member, { steps, kind: 'vendor', known });
        return [];
      }
      const config = this.accept(vendor.Config, member, steps);
      this.#follow(pathOf(steps), vendor.check(config));
      return [[name, { vendor, config }] as const];
    });
    return new Map(found);
  }

  targets(
    input: readonly unknown[] | undefined,
    backends: readonly Backend[],
    connections: ConnectionChecks,
  ): TargetChecks {
    const names = new Set<unknown>();
    const identities = new Map<string, string>();
    if (input?.length === 0) this.errors.add('targets', 'must name at least one target');
    return (input ?? []).flatMap((member, index) => {
      const steps = ['targets', String(index)];
      const path = pathOf(steps);
      const backend = backends.find((one) => one.kind === memberOf(member, 'backend'));
      const known = backends.map((one) => one.kind);
      if (!backend) this.#unknown(backends, member, { steps, kind: 'backend', known });
      const config = backend && this.accept(backend.Config, member, steps);
      const name = config ? (config as Partial<typeof config>).name : memberOf(member, 'name');
      if (names.has(name)) this.errors.add(`${path}.name`, 'is used by another target');
      // A name that is wrong was left out.
      if (name !== undefined) names.add(name);
      if (!backend || !config) return [];
      const found = connections.get(config.connection);
      const connection = found?.vendor === backend.vendor ? found.config : null;
      if (!connection && this.errors.isThere(`${path}.connection`) && this.errors.isThere('connections')) {
        this.errors.add(
          `${path}.connection`,
          `must name a connection to ${backend.vendor.vendor}${didYouMean(config.connection, namesOf(connections, backend.vendor))}`,
        );
      }
      const place = placeOf(path, config.connection);
      this.#follow(path, backend.check(config, connection ?? new backend.vendor.Config()), place);
      const identity = connection && this.#identify(backend.identity(config, connection), config, place);
      if (identity === null) return [];
      const other = identities.get(identity);
      if (other !== undefined) this.errors.add(path, `is the same thing as ${other} under another name`);
      identities.set(identity, path);
      return [{ backend, config }];
    });
  }

  /** What a target surely is, as far as it is right; null if that is not known. */
  #identify({ text, by }: Identity, { connection }: TargetConfig, place: Place): string | null {
    const isRight = (member: string): boolean => this.errors.isRight(place(member));
    if (!by.filter((member) => !isBehind(member)).every(isRight)) return null;
    // Behind one connection the same is the same, whatever is wrong with that.
    return by.every(isRight) ? text : `${text} behind ${connection}`;
  }

  /** Adds what a vendor says of a part, unless that follows from what was left out. */
  #follow(path: string, errors: readonly MemberError[], place = placeOf(path)): void {
    for (const { path: at, message, by = [] } of errors) {
      const isSure = this.errors.isTold(place(at)) && by.every((one) => this.errors.isRight(place(one)));
      if (isSure) this.errors.add(place(at), message);
    }
  }

  /** Whatever is meant to stand there: a part that does not say what it is, or says what there is not. */
  #unknown(
    kinds: readonly { readonly Config: new () => object }[],
    member: unknown,
    where: { readonly steps: readonly string[]; readonly kind: string; readonly known: readonly string[] },
  ): void {
    const { steps, kind, known } = where;
    const at = pathOf([...steps, kind]);
    const classes = kinds.map(({ Config }) => Config);
    const errors = errorsByAll(classes, member, steps, this.#secrets).filter(({ path }) => path !== at);
    if (!errors.some(({ path }) => path === pathOf(steps)))
      this.errors.add(at, `must be one of ${known.join(', ')}${didYouMean(memberOf(member, kind), known)}`);
    for (const { path, message } of errors) this.errors.add(path, message);
  }
}

function namesOf(connections: ConnectionChecks, vendor: Vendor): readonly string[] {
  return [...connections].filter(([, one]) => one.vendor === vendor).map(([name]) => name);
}

const isBehind = (member: string): boolean => member.startsWith('connection.');

/** Where a member stands that is told below a part: `connection.url` of a target leads to that connection. */
function placeOf(path: string, connection?: string): Place {
  return (member) => {
    if (connection !== undefined && isBehind(member)) {
      return `${pathOf(['connections', connection])}${member.slice('connection'.length)}`;
    }
    return member === '' ? path : `${path}.${member}`;
  };
}

/** Where something stands again that stood before. What was left out is nothing twice. */
function repeatedIn(values: readonly (string | undefined)[]): readonly number[] {
  return values.flatMap((value, index) => (value !== undefined && values.indexOf(value) < index ? [index] : []));
}

function isLoopback({ host = '0.0.0.0' }: ServerConfig): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
