import 'reflect-metadata';
import { Dispatcher, errors } from 'undici';
import type { Clock } from '../../src/core/model/clock.js';
import { Failure } from '../../src/core/model/failure.js';
import type { Call, Target } from '../../src/core/model/target.js';
import { dcs } from '../../src/backends/huawei/dcs/dcs.backend.js';
import { gaussdb } from '../../src/backends/huawei/gaussdb/gaussdb.backend.js';
import { HuaweiConnection } from '../../src/backends/huawei/huawei.connection.js';
import { refusalOf } from '../../src/backends/huawei/huawei.wire.js';
import { projectWrap } from '../../src/backends/huawei/project.js';
import { callAt, dozingClock } from '../../src/backends/huawei/spec-cloud.js';
import { taurusdb } from '../../src/backends/huawei/taurusdb/taurusdb.backend.js';
import { readRefusal, TentendataConnection } from '../../src/backends/tentendata/tentendata.connection.js';
import { poolTarget, uidTarget } from '../../src/backends/tentendata/tentendata.target.js';
import { defaultLimits } from '../../src/transport/limits.js';
import { RetryBudget } from '../../src/transport/retry-budget.js';
import { sender, type Service } from '../../src/transport/send.js';

/** What a vendor answers: the bytes of a body, and whether its connection breaks after them. */
export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly isCut?: boolean;
}

const controller: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  rawHeaders: [],
  rawTrailers: [],
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

/** Sockets that are none: each request is answered with the next of what is to be said. The last goes on for ever. */
class BytesDispatcher extends Dispatcher {
  readonly #said: readonly Said[];
  #asked = 0;

  constructor(said: readonly Said[]) {
    super();
    this.#said = said;
  }

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const said = this.#said[Math.min(this.#asked, this.#said.length - 1)];
    this.#asked += 1;
    if (!said) throw new Error('Nobody told what to answer.');
    const { status, headers = {}, bytes, isCut = false } = said;
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, status, headers);
    if (bytes.length > 0) handler.onResponseData?.(controller, bytes);
    if (isCut) handler.onResponseError?.(controller, new errors.SocketError('other side closed'));
    else handler.onResponseEnd?.(controller, {});
    return true;
  }
}

/** One target of each kind, and where their vendor is. */
export interface Targets {
  readonly pool: Target;
  readonly uid: Target;
  readonly ledger: Target;
  readonly orders: Target;
  readonly carts: Target;
}

const secret = 'planted-secret-1';
const projectId = '0611f1bd8b00d5d32f17c017f15b599f';
export const place = {
  ledger: { id: '52c25e148a4a48c293b66ca95565719cno14', component: 'cn_5001' },
  orders: { id: '18663926eacb443d98dc20f8620f28f2no07' },
  carts: { id: '8f7ee181-88e2-49b7-a4bf-81f18f93a135' },
} as const;

/**
 * Targets whose vendors are reached by this dispatcher, through the whole of the outgoing stack, without credentials.
 */
function targetsBehind(dispatcher: Dispatcher, clock: Clock, origin = 'http://127.0.0.1'): Targets {
  const limits = { ...defaultLimits, failures: 1_000_000 };
  const nobody = { measured: () => undefined, settled: () => undefined, circuit: () => undefined };
  const open = (service: string, more: Pick<Service, 'readRefusal' | 'token'>) =>
    sender(
      { connection: 'corpus', service, dispatcher, limits, retries: new RetryBudget(clock), ...more },
      nobody,
      clock,
    );
  const access = {
    url: `${origin}/gw.k`,
    uid: 'acme_owner',
    password: () => ({ kind: 'real', value: secret }) as const,
    lookMs: limits.lookMs,
  };
  const tenten = new TentendataConnection(access, open('1010data', { readRefusal }), dispatcher, clock);
  const huawei = {
    readRefusal: (...given: Parameters<Service['readRefusal']>) => refusalOf(...given, [secret]),
    token: projectWrap(() => Promise.resolve(projectId)),
  };
  const service = (name: string) => ({ origin, send: open(name, huawei) });
  const cloud = new HuaweiConnection({
    services: { gaussdb: service('gaussdb'), taurusdb: service('taurusdb'), dcs: service('dcs') },
    lookMs: limits.lookMs,
    clock,
    secrets: () => [secret],
    close: () => Promise.resolve(),
  });
  const named = (name: string, nodes?: readonly object[]) => ({
    ...{ name, backend: name, connection: 'corpus', instanceId: 'instance' },
    ...(nodes ? { nodes } : {}),
  });
  return {
    pool: poolTarget({ ...named('pool'), pool: 'acme_pool' }, 'acme_pool', tenten),
    uid: uidTarget(named('uid'), tenten),
    ledger: gaussdb.make(named('ledger', [place.ledger]), cloud),
    orders: taurusdb.make(named('orders', [place.orders]), cloud),
    carts: dcs.make(named('carts'), cloud),
  };
}

/** One call, and what is answered to the calls that must come before and after it. */
export interface Exchange {
  readonly before?: readonly Said[];
  readonly after?: readonly Said[];
  /** Makes the call. Gives what is taken for done or seen; undefined for nothing. */
  ask(targets: Targets, call: Call): Promise<unknown>;
}

const clock = dozingClock(Date.now());
/** Time enough for a scan, too little to repeat a read. */
const callMs = 210;

/** What is taken for done or seen when this is answered, or the Failure. Anything else that is thrown is a crash. */
export function outcomeOf(exchange: Exchange, said: Said): Promise<unknown> {
  const { before = [], after = [] } = exchange;
  return outcomeAt(targetsBehind(new BytesDispatcher([...before, said, ...after]), clock), exchange, callMs);
}

/** The same of vendors that are somewhere else, over sockets. */
export function outcomeOver(dispatcher: Dispatcher, origin: string, exchange: Exchange): Promise<unknown> {
  return outcomeAt(targetsBehind(dispatcher, clock, origin), exchange);
}

async function outcomeAt(targets: Targets, exchange: Exchange, withinMs = 10_000): Promise<unknown> {
  try {
    return await exchange.ask(targets, { ...callAt(clock), deadline: clock.now() + withinMs });
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind !== 'internal') return thrown;
    throw thrown;
  }
}

export function isProof(outcome: unknown): boolean {
  return outcome !== undefined && !(outcome instanceof Failure);
}
