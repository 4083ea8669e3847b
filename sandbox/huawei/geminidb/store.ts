import type { Clock } from '../../exchange.ts';
import { seedGeminiInstances } from './seed.ts';
import { createSessionMaker } from './sessions.ts';
import type { GeminiInstance, GeminiNode, GeminiSession, SessionWish } from './sessions.ts';

/** The sessions of all GeminiDB Redis instances. */
export interface GeminidbState {
  readonly instances: readonly GeminiInstance[];
  /** The node of that id, whatever instance it belongs to. */
  findNode(nodeId: string): GeminiNode | undefined;
  sessions(nodeId: string): readonly GeminiSession[];
  addSession(nodeId: string, wish?: SessionWish): GeminiSession;
  reset(): void;
}

/** A store as it is at the start. */
export function createGeminidbState(clock: Clock): GeminidbState {
  let make = createSessionMaker(clock);
  let instances = seedGeminiInstances(make);
  const findNode = (nodeId: string): GeminiNode | undefined =>
    instances.flatMap(({ nodes }) => nodes).find(({ id }) => id === nodeId);
  const node = (nodeId: string): GeminiNode => {
    const found = findNode(nodeId);
    if (!found) throw new Error(`No node ${nodeId}`);
    return found;
  };
  return {
    get instances() {
      return instances;
    },
    findNode,
    sessions: (nodeId) => node(nodeId).sessions,
    addSession: (nodeId, wish) => {
      const session = make(wish);
      node(nodeId).sessions.push(session);
      return session;
    },
    reset: () => {
      make = createSessionMaker(clock);
      instances = seedGeminiInstances(make);
    },
  };
}
