import { openSockets } from '../../transport/http.js';
import { limitsOf } from '../../transport/limits.config.js';
import { RetryBudget } from '../../transport/retry-budget.js';
import { routeErrors, routeOf } from '../../transport/route.js';
import { rereadSecrets } from '../../transport/secret.config.js';
import { sender } from '../../transport/send.js';
import type { Backend, Vendor } from '../backend.js';
import { protectErrors } from '../protections.js';
import { TentendataConnectionConfig, TentendataTargetConfig } from './tentendata.config.js';
import { readRefusal, TentendataConnection } from './tentendata.connection.js';
import { poolTarget, poolTelling, uidTarget, uidTelling } from './tentendata.target.js';

const vendor: Vendor = {
  vendor: '1010data',
  Config: TentendataConnectionConfig,
  check: routeErrors,
  open(name, config: TentendataConnectionConfig, watchers, clock) {
    const limits = limitsOf(config);
    const dispatcher = openSockets(limits, routeOf(config));
    const retries = new RetryBudget(clock);
    const send = sender(
      { connection: name, service: '1010data', dispatcher, limits, retries, readRefusal },
      watchers,
      clock,
    );
    watchers.circuit(name, '1010data', 'closed');
    const password = () => ({ kind: 'real', value: config.password.secret.reveal() }) as const;
    const { url, uid } = config;
    const rereadPassword = () => rereadSecrets([config.password]);
    const access = { url, uid, password, rereadPassword, lookMs: limits.lookMs };
    return new TentendataConnection(access, send, dispatcher, clock);
  },
};

/** 1010data: SAM pools and the session of a uid, over the XML gateway. */
export const tentendata: Backend = {
  kind: '1010data',
  vendor,
  Config: TentendataTargetConfig,
  check: (config: TentendataTargetConfig) => [
    ...protectErrors(config, config.pool === undefined ? uidTelling : poolTelling, []).map((error) => ({
      ...error,
      by: ['pool'],
    })),
    ...(config.pool === undefined && config.drainWatchSeconds !== undefined
      ? [{ path: 'drainWatchSeconds', message: 'needs a pool', by: ['pool'] }]
      : []),
  ],
  identity: ({ pool }: TentendataTargetConfig, { url = '', uid = '' }: Partial<TentendataConnectionConfig>) => {
    // However it is written: a host in capitals, a port that goes without saying.
    const gateway = URL.parse(url)?.href ?? '';
    // A gid is unique, whoever asks about it; a session belongs to its uid.
    return pool === undefined
      ? { text: `1010data session ${gateway} ${uid}`, by: ['pool', 'connection.url', 'connection.uid'] }
      : { text: `1010data pool ${gateway} ${pool}`, by: ['pool', 'connection.url'] };
  },
  make: (config: TentendataTargetConfig, connection: TentendataConnection) =>
    config.pool === undefined ? uidTarget(config, connection) : poolTarget(config, config.pool, connection),
};
