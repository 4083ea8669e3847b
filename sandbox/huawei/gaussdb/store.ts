import type { Clock } from '../../exchange.ts';
import { seedGaussInstances } from './seed.ts';
import { createSessionMaker } from './sessions.ts';
import type { Component, GaussInstance, Session } from './sessions.ts';

/** Where a session lives. */
interface SessionPlace {
  readonly instanceId: string;
  readonly nodeId: string;
  readonly componentId: string;
}

/** The sessions of all GaussDB instances. */
export interface GaussdbState {
  readonly instances: readonly GaussInstance[];
  sessions(place: SessionPlace): readonly Session[];
  addSession(place: SessionPlace, known?: Partial<Session>): Session;
  /** Gives a component another status or role, as a failover does. */
  setComponent(place: SessionPlace, change: Partial<Pick<Component, 'status' | 'role'>>): void;
  /** The next kill calls do nothing and answer `success: false`. */
  failKills(calls?: number): void;
  /** True if this kill call has to fail; counts it. */
  takeFailure(): boolean;
  reset(): void;
}

/** A store as it is at the start. */
export function createGaussdbState(clock: Clock): GaussdbState {
  let makeSession = createSessionMaker(clock);
  let instances = seedGaussInstances(clock(), makeSession);
  let failures = 0;

  function component(place: SessionPlace): Component {
    const node = instances
      .find((instance) => instance.id === place.instanceId)
      ?.nodes.find((candidate) => candidate.id === place.nodeId);
    const found = node?.components.find((candidate) => candidate.id === place.componentId);
    if (!found) throw new Error(`No component ${place.componentId} on node ${place.nodeId} of ${place.instanceId}`);
    return found;
  }

  return {
    get instances() {
      return instances;
    },
    sessions: (place) => component(place).sessions,
    addSession: (place, known) => {
      const session = makeSession(known);
      component(place).sessions.push(session);
      return session;
    },
    setComponent: (place, change) => {
      Object.assign(component(place), change);
    },
    failKills: (calls = 1) => {
      failures = calls;
    },
    takeFailure: () => {
      if (failures === 0) return false;
      failures -= 1;
      return true;
    },
    reset: () => {
      makeSession = createSessionMaker(clock);
      instances = seedGaussInstances(clock(), makeSession);
      failures = 0;
    },
  };
}
