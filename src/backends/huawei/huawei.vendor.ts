import { openSockets } from '../../transport/http.js';
import type { ReadRefusal } from '../../transport/judge.js';
import { limitsOf } from '../../transport/limits.config.js';
import { RetryBudget } from '../../transport/retry-budget.js';
import { routeErrors, routeOf } from '../../transport/route.js';
import { sender } from '../../transport/send.js';
import type { MemberError, Vendor } from '../backend.js';
import { credentialsOf, secretsOf, type Way } from './credentials.js';
import { HuaweiConnectionConfig, type EndpointsConfig } from './huawei.config.js';
import { HuaweiConnection } from './huawei.connection.js';
import { AheadRoom } from './pages-ahead.js';
import { refusalOf } from './huawei.wire.js';

const usualPagesAtOnce = 8;
/** The most of its exchanges that a connection gives to pages which are asked for before their turn. */
const shareAhead = 0.75;

/** Huawei Cloud: one connection is one project in one region, for all of its services. */
export const huawei: Vendor = {
  vendor: 'huawei',
  Config: HuaweiConnectionConfig,
  check: ({ auth, ...others }: Partial<HuaweiConnectionConfig>) => [
    ...routeErrors(others),
    ...projectErrors({ ...others, ...(auth ? { auth } : {}) }),
    ...((auth?.iam === undefined) === (auth?.aksk === undefined)
      ? [{ path: 'auth', message: 'must be exactly one of iam and aksk' }]
      : []),
  ],
  open(name, config: HuaweiConnectionConfig, watchers, clock) {
    const { endpoints } = config;
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

/** The project is given, or found: an access key has to be told where to ask. */
function projectErrors({
  projectId,
  region,
  auth,
  endpoints,
}: Partial<HuaweiConnectionConfig>): readonly MemberError[] {
  if (projectId !== undefined) return [];
  if (region === undefined) {
    const message = 'must be there, or else region, whose project is asked for';
    return [{ path: 'projectId', message, by: ['region'] }];
  }
  if (!auth?.aksk || !endpoints || endpoints.iam !== undefined) return [];
  const message = 'must be there where an access key is to find the project of a region';
  return [{ path: 'endpoints.iam', message, by: ['projectId'] }];
}

/** The services that a connection has endpoints of. */
function endpointsOf({ iam: _, ...endpoints }: EndpointsConfig): readonly (readonly [string, string])[] {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(endpoints);
  return entries.flatMap(([service, endpoint]) => (typeof endpoint === 'string' ? [[service, endpoint] as const] : []));
}
