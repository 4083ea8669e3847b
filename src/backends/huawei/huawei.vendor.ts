import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/model/clock.js';
import type { Call } from '../../core/model/target.js';
import { openSockets } from '../../transport/http.js';
import type { ReadRefusal } from '../../transport/judge.js';
import type { Limits } from '../../transport/limits.js';
import { limitsOf } from '../../transport/limits.config.js';
import { RetryBudget } from '../../transport/retry-budget.js';
import { routeErrors, routeOf } from '../../transport/route.js';
import { rereadSecrets, type SecretReference } from '../../transport/secret.config.js';
import { sender, type Service, type Watchers } from '../../transport/send.js';
import type { Vendor } from '../backend.js';
import {
  HuaweiConnectionConfig,
  type AccessKeyConfig,
  type EndpointsConfig,
  type HuaweiAuthConfig,
  type IamConfig,
} from './huawei.config.js';
import { exchangeOf, HuaweiConnection } from './huawei.connection.js';
import { AheadRoom } from './pages-ahead.js';
import { refusalOf } from './huawei.wire.js';
import { isUnauthenticated, IamTokens, tokenWrap } from './iam.token.js';
import { decodeGrant, encodeLogin, type IamToken } from './iam.wire.js';
import { accessKeyWrap } from './signature.js';

const usualPagesAtOnce = 8;
/** The most of its exchanges that a connection gives to pages which are asked for before their turn. */
const shareAhead = 0.75;

/** Huawei Cloud: one connection is one project in one region, for all of its services. */
export const huawei: Vendor = {
  vendor: 'huawei',
  Config: HuaweiConnectionConfig,
  check: ({ auth, ...traffic }: Partial<HuaweiConnectionConfig>) => [
    ...routeErrors(traffic),
    ...((auth?.iam === undefined) === (auth?.aksk === undefined)
      ? [{ path: 'auth', message: 'must be exactly one of iam and aksk' }]
      : []),
  ],
  open(name, config: HuaweiConnectionConfig, watchers, clock) {
    const { projectId, endpoints } = config;
    const limits = limitsOf(config);
    const sockets = openSockets(limits, routeOf(config));
    const secrets = (): readonly string[] => secretsOf(config.auth);
    const readRefusal: ReadRefusal = (answer, exchange) => refusalOf(answer, exchange, secrets());
    const way: Way = { connection: name, dispatcher: sockets, limits, retries: new RetryBudget(clock), readRefusal };
    const credentials = credentialsOf(config, way, watchers, clock);
    const serviceOf = (service: string, endpoint: string) => ({
      origin: new URL(endpoint).origin,
      send: sender({ ...way, service, ...credentials }, watchers, clock),
    });
    const opened = endpointsOf(endpoints).map(([service, endpoint]) => {
      watchers.circuit(name, service, 'closed');
      return [service, serviceOf(service, endpoint)] as const;
    });
    return new HuaweiConnection({
      projectId,
      services: Object.fromEntries(opened),
      lookMs: limits.lookMs,
      sideBySide: {
        pages: config.pagesAtOnce ?? usualPagesAtOnce,
        room: new AheadRoom(Math.floor(limits.inFlight * shareAhead)),
      },
      clock,
      nodesUnseen: (target, count) => watchers.nodesUnseen?.(target, count),
      secrets,
      close: () => sockets.destroy(),
    });
  },
};

/** The services that a connection has endpoints of. */
function endpointsOf(endpoints: EndpointsConfig): readonly (readonly [string, string])[] {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(endpoints);
  return entries.flatMap(([service, endpoint]) => (typeof endpoint === 'string' ? [[service, endpoint] as const] : []));
}

interface Way {
  readonly connection: string;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly retries: RetryBudget;
  readonly readRefusal: ReadRefusal;
}

function credentialsOf(
  config: HuaweiConnectionConfig,
  way: Way,
  watchers: Watchers,
  clock: Clock,
): Pick<Service, 'token' | 'sign'> {
  const { auth, projectId } = config;
  if (auth.aksk) {
    const { aksk } = auth;
    const reread = () => rereadSecrets(referencesOf(auth));
    return { sign: accessKeyWrap(() => keyOf(aksk), projectId, clock, reread) };
  }
  if (!auth.iam) return {};
  return { token: tokenWrap(tokensOf(auth.iam, projectId, way, watchers, clock), clock) };
}

function tokensOf(iam: IamConfig, projectId: string, way: Way, watchers: Watchers, clock: Clock): IamTokens {
  const send = sender({ ...way, service: 'iam' }, watchers, clock);
  watchers.circuit(way.connection, 'iam', 'closed');
  watchers.tokensExpected?.(way.connection);
  const { origin } = new URL(iam.url);
  const { domain, user, password } = iam;
  const ask = async (call: Call): Promise<IamToken> => {
    const login = encodeLogin({ domain, user, password: password.secret.reveal(), projectId });
    const exchange = exchangeOf(login, origin, { target: null, backend: 'iam' }, decodeGrant);
    const grant = await send({ ...exchange, secrets: password.reveals() }, call);
    watchers.credentialEnds?.(way.connection, grant.passwordEndsAt);
    return grant;
  };
  const tokens = new IamTokens({
    clock,
    askMs: way.limits.answerMs,
    refreshed: (outcome) => watchers.tokenRefreshed?.(way.connection, outcome),
    ask: withFresh(password, ask),
  });
  password.onReread((reread) => {
    if (reread === 'changed') tokens.forgive();
  });
  return tokens;
}

/**
 * Asks with the password that is there now: one that was refused is read again first, and tried again only if it is
 * another.
 */
function withFresh(
  password: SecretReference,
  ask: (call: Call) => Promise<IamToken>,
): (call: Call) => Promise<IamToken> {
  let wasRefused = false;
  return async (call) => {
    if (wasRefused) await rereadSecrets([password]);
    try {
      wasRefused = false;
      return await ask(call);
    } catch (thrown) {
      wasRefused = isUnauthenticated(thrown);
      if (!wasRefused || !(await rereadSecrets([password]))) throw thrown;
      wasRefused = false;
      return ask(call);
    }
  };
}

function keyOf({ accessKey, secretKey, securityToken }: AccessKeyConfig) {
  return {
    access: accessKey.secret.reveal(),
    secret: secretKey.secret.reveal(),
    securityToken: securityToken?.secret.reveal() ?? null,
  };
}

function referencesOf({ iam, aksk }: HuaweiAuthConfig): readonly SecretReference[] {
  return [iam?.password, aksk?.accessKey, aksk?.secretKey, aksk?.securityToken].flatMap((reference) => reference ?? []);
}

function secretsOf(auth: HuaweiAuthConfig): readonly string[] {
  return referencesOf(auth).flatMap((reference) => reference.reveals());
}
