import type { Arrived, Clock, PromptEmulator, Reply } from '../exchange.ts';
import { tentendataActions } from './actions.ts';
import { admit } from './admission.ts';
import type { Admitted } from './admission.ts';
import { Refused, replyOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { likelyKnobs } from './knobs.ts';
import type { TentendataKnobs } from './knobs.ts';
import type { Platform, Pool } from './platform.ts';
import { flushpool, getuid, reluid, resetpool, samstatus, warmpool } from './pool-calls.ts';
import { demonstration } from './seed.ts';
import type { TentendataSeed } from './seed.ts';
import { clear, login, logout, setSession } from './session-calls.ts';
import { TentendataState } from './state.ts';
import { isApi, parametersOf, readTransaction } from './transaction.ts';
import type { Api, Demand, Transaction } from './transaction.ts';

/** How the emulated platform begins and behaves. */
export interface TentendataOptions {
  readonly clock: Clock;
  readonly knobs?: Partial<TentendataKnobs>;
  readonly seed?: TentendataSeed;
}

/** The gateway of 1010data, what is behind it, and what a person may do to that. */
export interface Tentendata {
  readonly emulator: PromptEmulator;
  readonly state: TentendataState;
  readonly actions: ReturnType<typeof tentendataActions>;
}

const notFound: Reply = { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' };

function checkBody({ body, headers }: Arrived, demand: Demand): void {
  const type = headers['content-type'];
  const xml = type !== undefined && /^text\/xml(\s*;\s*charset="?utf-8"?)?$/i.test(type);
  if (type !== undefined ? !xml : body.length > 0) throw new Refused(9, `Bad content type: ${type ?? 'none'}`);
  if (body.length > 0 && !demand.body) throw new Refused(9, 'No XML input is taken');
}

interface Execution {
  readonly platform: Platform;
  readonly transaction: Transaction;
  readonly admitted: Admitted;
  readonly arrived: Arrived;
}

function onPool(call: (platform: Platform, pool: Pool) => Answer): (execution: Execution) => Answer {
  return ({ platform, admitted: { pool } }) => {
    if (!pool) throw new Refused(37);
    return call(platform, pool);
  };
}

const calls: Readonly<Record<Api, (execution: Execution) => Answer>> = {
  login: ({ platform, transaction, admitted }) => login(platform, transaction, admitted),
  logout: ({ platform, transaction, admitted }) => logout(platform, transaction, admitted),
  session: ({ arrived, admitted }) => setSession(arrived, admitted),
  clear: ({ admitted }) => clear(admitted),
  getuid: onPool(getuid),
  reluid: ({ platform, transaction, admitted }) => reluid(platform, transaction, admitted),
  flushpool: onPool(flushpool),
  resetpool: onPool(resetpool),
  samstatus: onPool(samstatus),
  warmpool: onPool(warmpool),
};

function answerOf(platform: Platform, arrived: Arrived): Answer {
  try {
    platform.settle();
    const [transaction, demand] = readTransaction(arrived, platform.knobs);
    const admitted = admit(platform, transaction, demand);
    checkBody(arrived, demand);
    return calls[transaction.api]({ platform, transaction, admitted, arrived });
  } catch (error) {
    if (error instanceof Refused) return { rc: error.rc, msg: error.message };
    throw error;
  }
}

function callOf(query: string): string {
  try {
    const [, api = ''] = parametersOf(query, false).find(([name]) => name === 'api') ?? [];
    return isApi(api) ? api : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The gateway at any path that ends in `/gw` or `/gw.k`, with two companies behind it unless a seed is given. */
export function createTentendata({ clock, knobs = {}, seed = demonstration }: TentendataOptions): Tentendata {
  const state = new TentendataState(clock, { ...likelyKnobs, ...knobs }, seed);
  const emulator: PromptEmulator = {
    vendor: '1010data',
    callOf: ({ query }) => callOf(query),
    answer(arrived) {
      if (!/\/gw(\.k)?$/.test(arrived.path)) return notFound;
      return replyOf(answerOf(state.platform, arrived), state.knobs.xmlProlog);
    },
  };
  return { emulator, state, actions: tentendataActions(state) };
}
