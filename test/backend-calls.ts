import { globSync } from 'node:fs';
import { backends } from '../src/backends/backends.module.js';

/** One call of a vendor, and how a caller of Sluice reaches it in the sandbox. */
export interface VendorCall {
  /** As Sluice names it. */
  readonly call: string;
  /** As the emulator names it; the same if absent. */
  readonly emulated?: string;
  readonly target: string;
  readonly does: 'end' | 'list' | 'help';
  readonly by: readonly [method: string, path: string, body?: object];
  /** Its answer has no body that could be cut. */
  readonly hasNoBody?: boolean;
}

/** A call, and the backend whose target makes it. */
export interface BackendCall extends VendorCall {
  readonly backend: string;
}

/** What each backend gives as `calls` in its `spec-calls.ts`. */
export interface BackendCalls {
  readonly kind: string;
  readonly calls: readonly VendorCall[];
}

export const lookAt = (target: string) => ['GET', `/processes?target=${target}&limit=0`] as const;
export const flushBy = (body: object) => ['POST', '/sessions/flush', body] as const;
export const killBy = (query: string) => ['DELETE', `/processes?${query}`] as const;

/** Every call of every backend of THE list. Throws where one of them does not say what it calls. */
export async function callsOfBackends(): Promise<readonly BackendCall[]> {
  const files = globSync('src/backends/**/spec-calls.ts').toSorted();
  const told = await Promise.all(
    files.map((file) => import(`../${file}`) as Promise<{ readonly calls: BackendCalls }>),
  );
  return backends.flatMap(({ kind: backend }) => {
    const own = told.find(({ calls }) => calls.kind === backend);
    if (!own) throw new Error(`No spec-calls.ts says what ${backend} calls.`);
    return own.calls.calls.map((call) => ({ ...call, backend }));
  });
}
