import type { Arrived } from '../exchange.ts';
import { Refused } from './answer.ts';
import type { TentendataKnobs } from './knobs.ts';

/** The transactions there are. */
export type Api = keyof typeof demands;

/** The query of a request, decoded. */
export interface Transaction {
  readonly api: Api;
  readonly uid: string;
  readonly password: string;
  readonly sid: string | null;
  readonly gid: string | null;
  readonly kill: string | null;
}

/** What a transaction takes, and whose word it needs. */
export interface Demand {
  /** The password it wants: the real one, the session's, or whichever the caller has. */
  readonly credential: 'real' | 'session' | 'either';
  /** The query parameters it takes besides api, apiversion, uid and pswd. */
  readonly takes: readonly string[];
  /** The values of `kill` it takes. */
  readonly kills?: readonly string[];
  /** Who may ask about the pool. */
  readonly group?: 'owner' | 'ownerOrAdmin';
  readonly body?: boolean;
}

const onPool: Demand = { credential: 'real', takes: ['gid'], group: 'ownerOrAdmin' };

/** What each transaction takes. */
const demands = {
  login: { credential: 'real', takes: ['kill'], kills: ['yes', 'no', 'possess', 'auth'] },
  logout: { credential: 'session', takes: ['sid', 'kill'], kills: ['yes', 'no'] },
  session: { credential: 'session', takes: ['sid'], body: true },
  clear: { credential: 'session', takes: ['sid'] },
  getuid: { ...onPool, group: 'owner' },
  reluid: { credential: 'either', takes: ['sid', 'gid'] },
  flushpool: onPool,
  resetpool: onPool,
  samstatus: onPool,
  warmpool: onPool,
} as const satisfies Record<string, Demand>;

/** Whether there is such a transaction. */
export function isApi(name: string): name is Api {
  return Object.hasOwn(demands, name);
}

const everywhere = ['api', 'apiversion', 'uid', 'pswd', 'protocol'];

/** The parameters in their order, percent-decoded; throws a URIError on a broken escape. */
export function parametersOf(query: string, plusIsSpace: boolean): readonly (readonly [string, string])[] {
  const decode = (text: string) => decodeURIComponent(plusIsSpace ? text.replaceAll('+', ' ') : text);
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

function readParameters(query: string, plusIsSpace: boolean): readonly (readonly [string, string])[] {
  try {
    return parametersOf(query, plusIsSpace);
  } catch {
    throw new Refused(9, 'Bad query string');
  }
}

/** Reads the query; what a client does wrong beyond the vendor's own codes is rc 9 with its reason. */
export function readTransaction(arrived: Arrived, knobs: Readonly<TentendataKnobs>): [Transaction, Demand] {
  const parameters = readParameters(arrived.query, knobs.plusIsSpace);
  const values = new Map(parameters.toReversed());
  const api = values.get('api') ?? '';
  if (api === '') throw new Refused(6);
  if (!isApi(api) || (api === 'samstatus' && !knobs.samstatusSupported)) throw new Refused(7);
  const demand: Demand = demands[api];
  const takesGet = knobs.byGet === 'all' ? !demand.body : knobs.byGet === 'logins' && /^log(?:in|out)$/.test(api);
  if (arrived.method !== 'POST' && !(arrived.method === 'GET' && takesGet))
    throw new Refused(9, `Bad method: ${arrived.method}`);
  const names = parameters.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Refused(9, `Duplicate parameter: ${twice}`);
  const stray = names.find((name) => !everywhere.includes(name) && !demand.takes.includes(name));
  if (stray !== undefined) throw new Refused(9, `${stray} is not a parameter of ${api}`);
  if (values.get('apiversion') !== '3') throw new Refused(9, 'Bad value: apiversion');
  const kill = values.get('kill') ?? null;
  if (kill !== null && !demand.kills?.includes(kill)) throw new Refused(9, 'Bad value: kill');
  const uid = values.get('uid') ?? '';
  if (uid === '') throw new Refused(3);
  const [sid, gid] = [values.get('sid') ?? null, values.get('gid') ?? null];
  return [{ api, uid, password: values.get('pswd') ?? '', sid, gid, kill }, demand];
}
