import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Call, CallRecord, Node } from '../../core/model/target.js';
import type { Answer, Exchange, Send } from '../../transport/exchange.js';
import type { Connection, TargetConfig } from '../backend.js';
import { configured } from '../rails.js';
import { requestIdOf, understood, type VendorCall } from './huawei.wire.js';

/** The services that a connection may have endpoints of: the names of their backends. */
export const services = ['gaussdb', 'taurusdb', 'dcs'] as const;
export type ServiceName = (typeof services)[number];

/** Where a service is, and how to send to it. */
export interface Service {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly send: Send;
}

/** What a connection is made of. */
export interface HuaweiParts {
  readonly projectId: string;
  readonly services: Readonly<Partial<Record<ServiceName, Service>>>;
  readonly lookMs: number;
  readonly clock: Clock;
  /** The credentials, to be kept out of what is quoted. */
  readonly secrets: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** What the targets of one Huawei connection share. */
export class HuaweiConnection implements Connection {
  readonly projectId: string;
  readonly lookMs: number;
  readonly clock: Clock;
  readonly secrets: () => readonly string[];
  readonly #services: HuaweiParts['services'];
  readonly #close: () => Promise<void>;

  constructor({ projectId, services: known, lookMs, clock, secrets, close }: HuaweiParts) {
    this.projectId = projectId;
    this.lookMs = lookMs;
    this.clock = clock;
    this.secrets = secrets;
    this.#services = known;
    this.#close = close;
  }

  /** Sends one call of a target's. Gives what is read of a 2xx answer, or throws Failure. */
  async ask<T>(name: ServiceName, target: string, request: VendorCall, read: Read<T>, call: Call): Promise<T> {
    const service = this.#services[name];
    if (!service) throw new Failure('internal', `The connection of "${target}" has no endpoint for ${name}.`);
    return service.send(exchangeOf(request, service.origin, { target, backend: name }, read), call);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** What reads a 2xx answer. */
export type Read<T> = (answer: Answer) => T;

/** A call as it is sent, for a target of a backend. A reader that fails tells of which answer. */
export function exchangeOf<T>(
  { path, ...request }: VendorCall,
  origin: string,
  of: Pick<Exchange, 'target' | 'backend'>,
  read: Read<T>,
): Exchange<T> {
  return {
    ...request,
    ...of,
    url: origin + path,
    headers: jsonHeaders,
    read: (answer) => understood(answer, () => read(answer)),
  };
}

/** Sent with every call: the vendor's messages are to be in English. */
const jsonHeaders = { accept: 'application/json', 'content-type': 'application/json', 'x-language': 'en-us' };

/** What all Huawei targets have in common. */
export function named(backend: ServiceName, config: TargetConfig, connection: HuaweiConnection) {
  return { ...configured(config), backend, lookMs: connection.lookMs };
}

/** What an answered call leaves in the operation's record: these services tell no code and no words on success. */
export function recordOf(node: Node | null, call: string, answer: Answer, jobId: string | null = null): CallRecord {
  return { node: node?.name ?? null, call, code: null, message: null, requestId: requestIdOf(answer), jobId };
}
