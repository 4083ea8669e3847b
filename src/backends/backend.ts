import { IsObject, IsString, Length, Matches } from 'class-validator';
import type { Clock } from '../core/clock.js';
import type { Labels, Target } from '../core/target.js';
import type { TrafficConfig } from '../transport/limits.config.js';
import type { Watchers } from '../transport/send.js';
import { Optional } from '../validation/rules.js';

/** What every target is configured with. */
export class TargetConfig {
  /** What callers name it by. */
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    message: 'must be 1 to 63 letters, digits, dots, dashes or underscores',
  })
  name!: string;

  @IsString()
  backend!: string;

  /** The name of the connection that it is behind. */
  @IsString()
  @Length(1, 63)
  connection!: string;

  @Optional()
  @IsObject()
  labels?: Labels;

  @Optional()
  @IsString()
  @Length(1, 500)
  description?: string;
}

/** An open connection to a vendor: sockets, credentials, circuits. */
export interface Connection {
  close(): Promise<void>;
}

type Class<T> = new () => T;

/** A vendor, and how a connection to it is configured and opened. */
export interface Vendor {
  readonly vendor: string;
  readonly Config: Class<TrafficConfig>;
  /** What is wrong with a configuration that its members alone do not show: path and sentence. */
  check(config: TrafficConfig): readonly ConfigFault[];
  open(name: string, config: TrafficConfig, watchers: Watchers, clock: Clock): Connection;
}

export interface ConfigFault {
  /** Where, below the thing that was checked: `endpoints.dcs`. */
  readonly path: string;
  readonly message: string;
}

/** One kind of target. The list of these is all that the rest of Sluice knows of vendors. */
export interface Backend {
  readonly kind: string;
  readonly vendor: Vendor;
  readonly Config: Class<TargetConfig>;
  check(config: TargetConfig, connection: TrafficConfig): readonly ConfigFault[];
  /** Two targets with the same identity are one thing under two names, which is refused. */
  identity(config: TargetConfig, connection: TrafficConfig): string;
  make(config: TargetConfig, connection: Connection): Target;
}

/** Is this a URL that credentials may be sent to: https, or http on loopback? */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}

export const safeUrlMessage = 'must be an https: address without credentials (http: only on loopback)';
