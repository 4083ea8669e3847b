import type { Clock } from '../core/model/clock.js';
import type { Wrap } from './exchange.js';
import type { Limits } from './limits.js';
import { Turns } from './turns.js';

/** How many calls of one service run and wait now, and how many may run. */
export interface CallLoad {
  readonly now: () => { readonly inFlight: number; readonly queued: number };
  readonly limit: number;
}

/** So many turns at once may one target have: where there are some, a quarter is left for others. */
function mostOfOneTarget(inFlight: number): number {
  return inFlight - Math.floor(inFlight / 8) * 2;
}

/** The turns of one target, while calls to it run or wait. */
interface Own {
  readonly turns: Turns;
  users: number;
}

/**
 * Bounds how much of one service's traffic runs and waits, so that a slow vendor cannot hold up everything else, nor an
 * instance that hangs the other targets of its service. Nobody waits for a turn beyond the end of the call.
 */
export function bulkhead(limits: Limits, clock: Clock, tell: (load: CallLoad) => void): Wrap {
  const all = new Turns(limits);
  const targets = new Map<string, Own>();
  const most = mostOfOneTarget(limits.inFlight);
  const within = async <T>(target: string, use: (turns: Turns) => Promise<T>): Promise<T> => {
    const own = targets.get(target) ?? { turns: new Turns({ inFlight: most, queue: limits.queue }), users: 0 };
    targets.set(target, own);
    own.users += 1;
    try {
      return await use(own.turns);
    } finally {
      own.users -= 1;
      if (own.users === 0) targets.delete(target);
    }
  };
  const now = () => ({
    inFlight: all.inFlight,
    queued: [...targets.values()].reduce((sum, { turns }) => sum + turns.queued, all.queued),
  });
  tell({ now, limit: limits.inFlight });
  return (next) => (exchange, call) => {
    const { target } = exchange;
    const inTurn = async <T>(turns: Turns, use: () => Promise<T>): Promise<T> => {
      const wait = turns.take(call, clock);
      if (wait) await wait;
      try {
        return await use();
      } finally {
        turns.pass();
      }
    };
    const ask = () => inTurn(all, () => next(exchange, call));
    return target === null || most === limits.inFlight ? ask() : within(target, (turns) => inTurn(turns, ask));
  };
}
