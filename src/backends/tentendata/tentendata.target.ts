import { asFailure, Failure, failureBefore, harmless } from '../../core/model/failure.js';
import type { Fact, ProcessState } from '../../core/model/process.js';
import type { Telling } from '../../core/model/selection.js';
import type { SessionSettings } from '../../core/model/session-settings.js';
import type { Call, CallRecord, Done, Listing, Node, VendorRoute, Target } from '../../core/model/target.js';
import { configured } from '../protections.js';
import type { TentendataTargetConfig } from './tentendata.config.js';
import type { TentendataConnection } from './tentendata.connection.js';
import {
  isUnexplained,
  loginAddress,
  poolAddress,
  sessionAddress,
  sessionBody,
  sessionOf,
  unanswered,
  type PoolCall,
  type Session,
  type Success,
} from './tentendata.wire.js';
import { membersOf } from './samstatus.wire.js';

const backend = '1010data';
const wholeTarget: Node = { name: null, id: null, component: null };

/** What a member of a pool tells. */
export const poolTelling: Telling = {
  facts: new Set<Fact>(['user']),
  states: new Set<ProcessState>(['active', 'idle', 'offline']),
};

/** A session of a uid cannot be looked at. */
export const uidTelling: Telling = { facts: new Set(), states: new Set() };

/** What a pool and a uid have in common. */
function named(config: TentendataTargetConfig, connection: TentendataConnection) {
  return {
    ...configured(config),
    backend,
    // Nothing of the vendor's own is a member of a pool.
    protects: () => null,
    configuredNodes: [wholeTarget],
    nodes: () => Promise.resolve([wholeTarget]),
    lookMs: connection.access.lookMs,
    isId: (id: string) => /^[a-z][a-z0-9_]{0,63}$/.test(id),
  };
}

/** Where a transaction goes: without the credentials, which stand in the same query. */
function routeOf(connection: TentendataConnection, api: string): VendorRoute {
  return { method: 'POST', path: `${new URL(connection.access.url).pathname}?api=${api}` };
}

/** A SAM pool: it can be looked at and flushed, not killed member by member. */
export function poolTarget(config: TentendataTargetConfig, pool: string, connection: TentendataConnection): Target {
  const ask = <T>(api: PoolCall, read: (success: Success) => T, call: Call): Promise<T> => {
    const { url, uid, password } = connection.access;
    const address = poolAddress(url, api, uid, password(), pool);
    const lists = api === 'samstatus';
    const transaction = { target: config.name, api, address, body: null, mutating: !lists, lists, secrets: [], read };
    return connection.ask(transaction, call).catch((thrown: unknown) => {
      throw isUnexplained(api, thrown) ? unanswered(asFailure(thrown)) : thrown;
    });
  };
  const lookCall = (call: Call): Call => ({
    ...call,
    deadline: Math.min(call.deadline, connection.clock.now() + connection.access.lookMs),
  });
  const look = (call: Call) => ask('samstatus', (success) => membersOf(success, config.name), call);
  return {
    ...named(config, connection),
    ...poolTelling,
    drainWatchSeconds: config.drainWatchSeconds ?? 3600,
    looksInOneCall: true,
    look: async (_node, call) => ({
      ...(await look(call)),
      at: new Date(connection.clock.now()),
    }),
    flush: {
      graceful: {
        call: 'flushpool',
        route: routeOf(connection, 'flushpool'),
        per: 'target',
        note: 'Busy ids log out when their application releases them.',
        run: async (_node, call) => {
          const answered = await ask('flushpool', recordOf('flushpool'), call);
          return { call: answered, ...(await countMarked(() => look(lookCall(call)))) };
        },
      },
      forced: {
        call: 'resetpool',
        route: routeOf(connection, 'resetpool'),
        per: 'target',
        run: async (_node, call) => ({ is: 'ended', call: await ask('resetpool', recordOf('resetpool'), call) }),
      },
    },
  };
}

/**
 * flushpool marks the busy ids and tells no number: one look afterwards does, if the installation has it and tells of
 * each busy id whether it is marked.
 */
async function countMarked(
  look: () => Promise<Pick<Listing, 'processes' | 'complete'>>,
): Promise<{ is: 'marked'; ids: readonly string[] } | { is: 'unlisted'; mayBeListed: 'later' | 'never' }> {
  try {
    const { processes: members, complete } = await look();
    // Where nobody is shown, nothing is shown about anybody.
    if (members.length === 0 || !complete) return { is: 'unlisted', mayBeListed: 'later' };
    const busy = members.filter(({ state, draining }) => draining ?? (state !== 'idle' && state !== 'offline'));
    if (busy.some(({ draining }) => draining === null)) return { is: 'unlisted', mayBeListed: 'later' };
    return { is: 'marked', ids: busy.map(({ id }) => id) };
  } catch (thrown) {
    const isUnknownCall = thrown instanceof Failure && thrown.kind === 'unsupported-operation';
    return { is: 'unlisted', mayBeListed: isUnknownCall ? 'never' : 'later' };
  }
}

/** The session of the connection's own uid: it can be tuned, and nothing else. */
export function uidTarget(config: TentendataTargetConfig, connection: TentendataConnection): Target {
  const { access } = connection;
  const login = async (call: Call): Promise<Session> => {
    const address = loginAddress(access.url, access.uid, access.password());
    const transaction = { target: config.name, api: 'login', address, body: null, mutating: false, secrets: [] };
    try {
      return await connection.ask({ ...transaction, read: sessionOf }, call);
    } catch (thrown) {
      // Whatever became of a login by possess, no setting was changed by it.
      throw failureBefore('login', harmless(asFailure(thrown)));
    }
  };
  const set = async (settings: SessionSettings, call: Call): Promise<Done> => {
    const session = await login(call);
    const address = sessionAddress(access.url, access.uid, session);
    const secrets = [session.sid, session.password.value];
    const transaction = {
      target: config.name,
      api: 'session',
      address,
      body: sessionBody(settings),
      mutating: true,
      secrets,
      read: recordOf('session'),
    };
    return { is: 'set', call: await connection.ask(transaction, call) };
  };
  return {
    ...named(config, connection),
    ...uidTelling,
    tune: {
      call: 'session',
      route: routeOf(connection, 'session'),
      note: 'The settings end with the session.',
      run: (settings, call) =>
        connection.inTurn(async () => {
          try {
            return await set(settings, call);
          } catch (thrown) {
            // The session was lost between login and session: it is taken over once more, never twice.
            if (!(thrown instanceof Failure) || thrown.upstream?.code !== '35') throw thrown;
            return set(settings, call);
          }
        }),
    },
  };
}

/** What a transaction that succeeded leaves in the operation's record. */
function recordOf(call: string): (success: Success) => CallRecord {
  return ({ message }) => ({ node: null, call, code: '0', message, requestId: null, jobId: null });
}
