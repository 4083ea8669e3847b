/** What the vendors of the bench hold, and by which names the gateways know it. */
export const project = '0611f1bd8b00d5d32f17c017f15b599f';
export const apiKey = 'bench-key';
export const password = 'ownerPass1';

const numbered = (word: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${word}_${String(index)}`);

/** What a gateway is configured with. Load is spread over its targets: a target is flushed once at a time. */
export interface Scene {
  /** Pools of 1010data. */
  readonly pools: readonly string[];
  /** Pools whose vendor takes `slowMs` for every answer. */
  readonly slowPools: readonly string[];
  /** Instances of DCS. */
  readonly caches: readonly string[];
  /** Instances of TaurusDB, and their nodes. */
  readonly databases: readonly string[];
  readonly nodes: readonly string[];
}

const sceneOf = (pools: number, slowPools: number, caches: number, databases: number, nodes: number): Scene => ({
  pools: numbered('pool', pools),
  slowPools: numbered('slow', slowPools),
  caches: numbered('cache', caches),
  databases: numbered('base', databases),
  nodes: numbered('node', nodes),
});

/** What most is measured with. A listing is shared for two seconds, in which fewer nodes than these are looked at. */
export const ordinary = sceneOf(200, 100, 200, 200, 50);
/** For what needs more than that many at once. */
export const wide = sceneOf(1024, 0, 1536, 0, 0);
/** One target of each kind, as many have. */
export const small = sceneOf(1, 0, 1, 1, 1);

export const slowMs = 50;

const idOf = (name: string): string => name.replace(/\D+/, '').padStart(8, '0');
export const cacheId = (name: string): string => `${idOf(name)}-cebf-4473-95c4-d1b573c16e79`;
export const cacheNode = '8f7ee181-88e2-49b7-a4bf-81f18f93a135';
export const databaseId = (name: string): string => `${idOf(name).padStart(32, '0')}in07`;
export const databaseNode = (name: string): string => `${idOf(name).padStart(32, '0')}no07`;

export const threads = 46;
export const clients = 10_000;
export const rowsPerPage = 1000;
/** The ids of the threads that a kill names. */
export const victims = Array.from({ length: 20 }, (_, index) => String(2_075_400 + index));
/** What every gateway waits before it asks how far a job of DCS is. */
export const pollMs = 200;
