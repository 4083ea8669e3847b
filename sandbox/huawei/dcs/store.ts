import type { Clock } from '../../exchange.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { clientRow, createClientMaker } from './clients.ts';
import type { CacheClient, CacheInstance, CacheNode, ClientWish } from './clients.ts';
import { createJobs } from './jobs.ts';
import type { Job, Jobs, JobType } from './jobs.ts';
import { seedCacheInstances } from './seed.ts';

/** Where a client is connected. */
interface ClientPlace {
  readonly instanceId: string;
  readonly nodeId: string;
}

/** The clients of all DCS instances, and the jobs about them. */
export interface DcsState {
  /** Work of jobs that are over is done in what this gives. */
  readonly instances: readonly CacheInstance[];
  readonly jobs: Pick<Jobs, 'find' | 'status'>;
  addInstance(instance: CacheInstance): void;
  clients(place: ClientPlace): readonly CacheClient[];
  addClient(place: ClientPlace, wish?: ClientWish): CacheClient;
  /** Ends a client as if it had hung up. */
  removeClient(place: ClientPlace, peer: string): void;
  /** Gives a node another status or type, as a failover does. */
  setNode(place: ClientPlace, change: Partial<Pick<CacheNode, 'status' | 'type'>>): void;
  /** A job that lists the clients of the nodes, as they are when it ends. */
  scan(instance: CacheInstance, nodes: readonly CacheNode[], cleanCache: boolean): Job;
  /** A job that ends the clients of the nodes, as they are when it ends. */
  killAll(instance: CacheInstance, nodes: readonly CacheNode[]): Job;
  /** Does a job of the instance that runs keep this from beginning? */
  isBusy(instance: CacheInstance, what: 'scan' | 'kill'): boolean;
  /** The next job of that type, or of any, fails and does nothing. */
  failNextJob(type?: JobType, reason?: string): void;
  reset(): void;
}

/** A store as it is at the start. */
export function createDcsState(clock: Clock, knobs: HuaweiKnobs): DcsState {
  const jobs = createJobs(clock, knobs);
  let makeClient = createClientMaker(clock);
  let instances = seedCacheInstances(makeClient);

  function node(place: ClientPlace): CacheNode {
    jobs.settle();
    const instance = instances.find((candidate) => candidate.id === place.instanceId);
    const found = instance?.nodes.find((candidate) => candidate.id === place.nodeId);
    if (!found) throw new Error(`No node ${place.nodeId} in ${place.instanceId}`);
    return found;
  }

  function reconnected(client: CacheClient, at: number): CacheClient {
    const { name, user, db } = client;
    return { ...makeClient({ name, user, db, cmd: 'client' }), connectedAt: at, lastCommandAt: at };
  }

  return {
    jobs,
    get instances() {
      jobs.settle();
      return instances;
    },
    addInstance: (instance) => {
      instances.push(instance);
    },
    clients: (place) => node(place).clients,
    addClient: (place, wish) => {
      const client = makeClient(wish);
      node(place).clients.push(client);
      return client;
    },
    removeClient: (place, peer) => {
      const found = node(place);
      found.clients = found.clients.filter((client) => client.peer !== peer);
    },
    setNode: (place, change) => {
      Object.assign(node(place), change);
    },
    scan: (instance, nodes, cleanCache) => {
      if (nodes.some((each) => each.status === 'Inactive')) jobs.failNext('scanClients');
      return jobs.start('scanClients', instance.id, (takenAt) => {
        for (const each of nodes) {
          if (each.listing && knobs.scanKeepsList && !cleanCache) continue;
          const seen = (client: CacheClient, index: number) =>
            clientRow(client, { now: takenAt, index, node: each, knobs });
          each.listing = { takenAt, rows: each.clients.map(seen) };
        }
      });
    },
    killAll: (instance, nodes) =>
      jobs.start('killAllClients', instance.id, (at) => {
        for (const each of nodes) {
          each.clients = knobs.reconnectAfterKillAll ? each.clients.map((client) => reconnected(client, at)) : [];
        }
      }),
    isBusy: ({ id }, what) => {
      if (knobs.oneJob) return jobs.isRunning(undefined, id);
      return what === 'kill' && jobs.isRunning('killAllClients', id);
    },
    failNextJob: (type, reason) => {
      jobs.failNext(type, reason);
    },
    reset: () => {
      jobs.reset();
      makeClient = createClientMaker(clock);
      instances = seedCacheInstances(makeClient);
    },
  };
}
