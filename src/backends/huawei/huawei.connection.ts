import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Call } from '../../core/model/target.js';
import type { Answer, Exchange, Send } from '../../transport/exchange.js';
import type { Connection } from '../backend.js';
import type { ServiceName } from './huawei.config.js';
import { oneByOne, type SideBySide } from './pages-ahead.js';
import { understood, type VendorCall } from './huawei.wire.js';
import { filledIn } from './paths.js';

/** Where a service is, and how to send to it. */
export interface ServiceEndpoint {
  /** Without a slash at its end. */
  readonly origin: string;
  /** Fills in the project, which URLs leave open. */
  readonly send: Send;
}

/** What a connection is made of. */
export interface HuaweiParts {
  readonly services: Readonly<Partial<Record<ServiceName, ServiceEndpoint>>>;
  readonly lookMs: number;
  /** How lists of several pages are read; page by page if absent. */
  readonly sideBySide?: SideBySide;
  readonly clock: Clock;
  /** Is told how many nodes of a target its configuration leaves out. */
  readonly nodesUnseen?: (target: string, count: number) => void;
  /** The credentials, to be kept out of what is quoted. */
  readonly secrets: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Of which target a call is. */
interface Asker {
  readonly target: string;
  readonly backend: ServiceName;
  readonly instanceId: string;
}

/** What the targets of one Huawei connection share. */
export class HuaweiConnection implements Connection {
  readonly lookMs: number;
  readonly sideBySide: SideBySide;
  readonly clock: Clock;
  readonly nodesUnseen: HuaweiParts['nodesUnseen'];
  readonly secrets: () => readonly string[];
  readonly #services: HuaweiParts['services'];
  readonly #close: () => Promise<void>;

  constructor({ services, lookMs, sideBySide = oneByOne, clock, nodesUnseen, secrets, close }: HuaweiParts) {
    this.lookMs = lookMs;
    this.sideBySide = sideBySide;
    this.clock = clock;
    this.nodesUnseen = nodesUnseen;
    this.secrets = secrets;
    this.#services = services;
    this.#close = close;
  }

  /** Sends one call of a target's. Gives what is read of a 2xx answer, or throws Failure. */
  async ask<T>({ instanceId, ...of }: Asker, request: VendorCall, read: Read<T>, call: Call): Promise<T> {
    const service = this.#services[of.backend];
    if (!service) throw new Failure('internal', `The connection of "${of.target}" has no endpoint for ${of.backend}.`);
    const path = filledIn(request.path, { instance_id: instanceId, ...request.parameters });
    const exchange = exchangeOf({ ...request, path }, service.origin, of, read);
    return service.send({ ...exchange, secrets: this.secrets() }, call);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** What reads a 2xx answer. */
export type Read<T> = (answer: Answer) => T;

/** A call as it is sent, its path filled in. A reader that fails tells of which answer. */
export function exchangeOf<T>(
  { call, method, path, body, mutating, maxBytes }: VendorCall,
  origin: string,
  of: Pick<Exchange, 'target' | 'backend'>,
  read: Read<T>,
): Exchange<T> {
  return {
    ...{ call, method, body, mutating, maxBytes, ...of },
    url: origin + path,
    headers: jsonHeaders,
    read: (answer) => understood(answer, () => read(answer)),
  };
}

/** Sent with every call: the vendor's messages are to be in English. */
const jsonHeaders = { accept: 'application/json', 'content-type': 'application/json', 'x-language': 'en-us' };
