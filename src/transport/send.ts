import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.js';
import type { FailureKind } from '../core/failure.js';
import { breaker, type CircuitChange } from './breaker.js';
import { bulkhead } from './bulkhead.js';
import { deadline } from './deadline.js';
import type { Send, Wrap } from './exchange.js';
import { http } from './http.js';
import { judge, type Inspect, type ReadRefusal } from './judge.js';
import type { Limits } from './limits.js';
import { measure, type Measure } from './measure.js';
import { retry } from './retry.js';
import { trace } from './trace.js';

/** What one service of one connection brings to its sending. */
export interface Service {
  readonly connection: string;
  /** `1010data`, `iam`, `gaussdb`, `taurusdb` or `dcs`. */
  readonly service: string;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly readRefusal: ReadRefusal;
  readonly inspect?: Inspect;
  /** Adds credentials to every attempt, freshly. Absent where they are in the URL. */
  readonly sign?: Wrap;
}

/** Whom the outgoing stack tells what it sees. */
export interface Watchers {
  /** Every attempt. */
  measured: Measure;
  /** Every exchange, once all attempts are over: also one that got no token, or met an open circuit. */
  settled: Measure;
  circuit(connection: string, service: string, ...change: Parameters<CircuitChange>): void;
  /** A connection was opened that asks for tokens. */
  tokensExpected?(connection: string): void;
  /** A connection asked for a new token. */
  tokenRefreshed?(connection: string, outcome: 'ok' | FailureKind): void;
}

/** The outgoing stack, outermost first: settle › breaker › bulkhead › retry › deadline › sign › trace › measure › judge › http. */
export function sender(service: Service, watchers: Watchers, clock: Clock): Send {
  const { connection, limits } = service;
  const wraps: readonly Wrap[] = [
    measure(connection, clock, watchers.settled),
    breaker(limits, (state) => {
      watchers.circuit(connection, service.service, state);
    }),
    bulkhead(limits),
    retry(clock),
    deadline(limits.answerMs, clock),
    ...(service.sign ? [service.sign] : []),
    trace,
    measure(connection, clock, watchers.measured),
    judge(service.readRefusal, service.inspect),
  ];
  return wraps.reduceRight<Send>((next, wrap) => wrap(next), http(service.dispatcher, clock));
}
