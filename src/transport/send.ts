import type { Dispatcher } from 'undici';
import type { Clock } from '../core/model/clock.js';
import type { FailureKind } from '../core/model/failure.js';
import { breaker } from './breaker.js';
import { bulkhead, type CallLoad } from './bulkhead.js';
import type { CircuitChange } from './circuit.js';
import { deadline } from './deadline.js';
import type { Send, Wrap } from './exchange.js';
import { http } from './http.js';
import { judge, type ReadRefusal } from './judge.js';
import type { Limits } from './limits.js';
import { measure, type Measure } from './measure.js';
import { retry } from './retry.js';
import type { RetryBudget } from './retry-budget.js';
import { skew } from './skew.js';
import { throttle } from './throttle.js';
import { trace } from './trace.js';

/** What one service of one connection brings to its sending. */
export interface Service {
  readonly connection: string;
  /** `1010data`, `iam`, or the name of a backend of Huawei. */
  readonly service: string;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  /** Of the whole connection. */
  readonly retries: RetryBudget;
  readonly readRefusal: ReadRefusal;
  /** Adds a token or the project to a call, the same for all its attempts. May send it once more with another token. */
  readonly token?: Wrap;
  /** Adds credentials to every attempt, freshly. Absent where they are in the URL, or are a token. */
  readonly sign?: Wrap;
}

/** Whom the outgoing stack tells what it sees. */
export interface Watchers {
  /** Every attempt. */
  measured: Measure;
  /** Every exchange, once all attempts are over: also one that got no token, or met an open circuit. */
  settled: Measure;
  circuit(connection: string, service: string, ...change: Parameters<CircuitChange>): void;
  /** A service of a connection was opened: what it has to do can be asked from now on. */
  opened?(connection: string, service: string, load: CallLoad): void;
  /** A vendor told when a credential ends, in milliseconds since the epoch; null if it does not end. */
  credentialEnds?(connection: string, end: number | null): void;
  /** An answer told the vendor's time: by how many seconds its clock is ahead of ours. */
  skewed?(connection: string, service: string, seconds: number): void;
  /** So many nodes of a target are not named by its configuration, and left alone. */
  nodesUnseen?(target: string, count: number): void;
  /** A connection was opened that asks for tokens. */
  tokensExpected?(connection: string): void;
  /** A connection asked for a new token. */
  tokenRefreshed?(connection: string, outcome: 'ok' | FailureKind): void;
  /** A connection was opened that has to ask for its project. */
  projectExpected?(connection: string): void;
  /** A connection asked for its project. */
  projectAsked?(connection: string, outcome: 'ok' | FailureKind): void;
}

/**
 * The outgoing stack, outermost first: settle › breaker › bulkhead › token › retry › throttle › deadline › sign › trace
 * › measure › judge › skew › http.
 */
export function sender(service: Service, watchers: Watchers, clock: Clock): Send {
  const { connection, limits } = service;
  const wraps: readonly Wrap[] = [
    measure(connection, clock, watchers.settled),
    breaker(limits, clock, (state) => {
      watchers.circuit(connection, service.service, state);
    }),
    bulkhead(limits, clock, (load) => watchers.opened?.(connection, service.service, load)),
    ...(service.token ? [service.token] : []),
    retry(clock, service.retries),
    throttle(clock),
    deadline(limits.answerMs, clock),
    ...(service.sign ? [service.sign] : []),
    trace,
    measure(connection, clock, watchers.measured),
  ];
  const clocked = skew(clock, (seconds) => watchers.skewed?.(connection, service.service, seconds));
  const judged = judge(service.readRefusal)(clocked(http(service.dispatcher, limits, clock)));
  return wraps.reduceRight<Send>((next, wrap) => wrap(next), judged);
}
