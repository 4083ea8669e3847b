import type { Clock } from '../../exchange.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { createChurn } from './churn.ts';
import { seedTaurusInstances } from './seed.ts';
import { createThreadMaker } from './threads.ts';
import type { TaurusInstance, TaurusNode, Thread, ThreadWish } from './threads.ts';

/** Where a thread lives. */
interface ThreadPlace {
  readonly instanceId: string;
  readonly nodeId: string;
}

/** The threads of all TaurusDB instances. */
export interface TaurusdbState {
  readonly instances: readonly TaurusInstance[];
  /** All threads of the node, the internal ones too. */
  threads(place: ThreadPlace): readonly Thread[];
  addThread(place: ThreadPlace, wish?: ThreadWish): Thread;
  /** Gives a node another status or type, as a failover does. */
  setNode(place: ThreadPlace, change: Partial<Pick<TaurusNode, 'status' | 'type'>>): void;
  /** Ends a thread as if its client had hung up. */
  removeThread(place: ThreadPlace, id: bigint): void;
  reset(): void;
}

/** A store as it is at the start. */
export function createTaurusdbState(clock: Clock, knobs: HuaweiKnobs): TaurusdbState {
  const churn = createChurn(clock, knobs);
  let makeThread = createThreadMaker(clock);
  let instances = seedTaurusInstances(makeThread);

  function node(place: ThreadPlace): TaurusNode {
    churn.settle(instances, makeThread);
    const instance = instances.find((candidate) => candidate.id === place.instanceId);
    const found = instance?.nodes.find((candidate) => candidate.id === place.nodeId);
    if (!found) throw new Error(`No node ${place.nodeId} in ${place.instanceId}`);
    return found;
  }

  return {
    get instances() {
      churn.settle(instances, makeThread);
      return instances;
    },
    threads: (place) => node(place).threads,
    addThread: (place, wish) => {
      const thread = makeThread(wish);
      node(place).threads.push(thread);
      return thread;
    },
    setNode: (place, change) => {
      Object.assign(node(place), change);
    },
    removeThread: (place, id) => {
      const found = node(place);
      found.threads = found.threads.filter((thread) => thread.id !== id);
    },
    reset: () => {
      churn.reset();
      makeThread = createThreadMaker(clock);
      instances = seedTaurusInstances(makeThread);
    },
  };
}
