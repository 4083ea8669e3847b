import { exampleOf } from './example-call.js';
import {
  at,
  drained,
  emptied,
  endedItem,
  killed,
  none,
  open,
  outcome,
  set,
  stillRunning,
  unansweredTarget,
  unreached,
} from './example-outcomes.js';

/** The calls that begin operations. */
export type Began = 'kill' | 'flush' | 'tune';

const calls: Readonly<Record<Began, object>> = {
  kill: { kind: 'processes.kill', mode: null, reason: 'runaway' },
  flush: { kind: 'sessions.flush', mode: 'graceful', reason: 'nightly reload' },
  tune: { kind: 'sessions.tune', mode: null, reason: null },
};

function began(by: Began): object {
  return {
    id: exampleOf.operation,
    ...calls[by],
    dryRun: false,
    requestedBy: exampleOf.caller,
    onBehalfOf: null,
    requestId: exampleOf.request,
    createdAt: at('00.000'),
  };
}

/** The record of an operation that is all done. */
export function doneBy(by: Began): object {
  return { ...began(by), endedAt: at('00.022'), state: 'succeeded', ...whole[by] };
}

/** The record of one that still runs. */
export function runningBy(by: Began): object {
  const target = stillRunning(by === 'kill' ? killed : by === 'flush' ? emptied : set);
  return { ...began(by), endedAt: null, state: 'running', counts: open, targets: [target] };
}

/** The record of one that was done in part; of a kill, why something was skipped. */
export function partlyBy(by: Exclude<Began, 'tune'>, why = 'protected'): object {
  return { ...began(by), endedAt: at('00.022'), ...partly(why)[by] };
}

const whole: Readonly<Record<Began, object>> = {
  kill: { counts: killed.counts, targets: [killed] },
  flush: { counts: { ...none, ended: null, deferred: 1 }, targets: [drained, emptied] },
  tune: { counts: none, targets: [set] },
};

const spared = { ...none, ended: 1, skipped: 1 };
const partly = (why: string): Readonly<Record<Exclude<Began, 'tune'>, object>> => ({
  kill: {
    state: 'partial',
    counts: spared,
    targets: [
      {
        ...killed,
        state: 'partial',
        counts: spared,
        items: [endedItem, { ...endedItem, id: '2075426', outcome: 'skipped', why }],
        completed: false,
      },
    ],
  },
  flush: { state: 'partial', counts: emptied.counts, targets: [unreached, emptied] },
});

/** The record of a kill that nobody answered: what came of it is unknown. */
export const unansweredKill = {
  ...began('kill'),
  endedAt: at('00.022'),
  state: 'unknown',
  counts: unansweredTarget.counts,
  targets: [unansweredTarget],
};

const refused = { ...killed, ...outcome, state: 'rejected', effect: 'none', counts: none, completed: false };

/** The record of a kill that somebody else did not want: nothing of it was sent. */
export const rejectedKill = {
  ...began('kill'),
  endedAt: at('00.022'),
  state: 'rejected',
  counts: none,
  targets: [refused],
};
