/** What the vendors of the bench hold, and by which names the gateways know it. */
export const project = '0611f1bd8b00d5d32f17c017f15b599f';
export const apiKey = 'bench-key';
export const password = 'ownerPass1';

/** The targets that load is spread over: a target is flushed once at a time. */
const spread = 200;
/** More of them, where so many calls are under way at once. */
export const many = 2048;

const numbered = (word: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${word}_${String(index)}`);

/** Pools of 1010data. */
export const allPools = numbered('pool', many);
export const pools = allPools.slice(0, spread);
/** Pools whose vendor takes `slowMs` for every answer. */
export const slowPools = numbered('slow', 400);
export const slowMs = 50;
/** Instances of DCS. */
export const allCaches = numbered('cache', many);
/** Instances of TaurusDB. */
export const databases = numbered('base', spread);

const idOf = (name: string): string => name.replace(/\D+/, '').padStart(8, '0');
export const cacheId = (name: string): string => `${idOf(name)}-cebf-4473-95c4-d1b573c16e79`;
export const cacheNode = '8f7ee181-88e2-49b7-a4bf-81f18f93a135';
export const databaseId = (name: string): string => `${idOf(name).padStart(32, '0')}in07`;
export const databaseNode = '18663926eacb443d98dc20f8620f28f2no07';

export const threads = 46;
export const clients = 10_000;
export const rowsPerPage = 1000;
/** The ids of the threads that a kill names. */
export const victims = Array.from({ length: 20 }, (_, index) => String(2_075_400 + index));
/** What every gateway waits before it asks how far a job of DCS is. */
export const pollMs = 200;
