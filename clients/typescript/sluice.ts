import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.d.ts';

/** Whom to ask, and by which credential: an API key or a token. */
export type SluiceOptions = { readonly url: string } & (
  { readonly key: string; readonly token?: never } | { readonly token: string; readonly key?: never }
);

export type Operation = components['schemas']['Operation'];
export type Problem = components['schemas']['Problem'];

export interface Sluice extends Client<paths> {
  /** Follows an operation to its end, however long that takes. An answered problem is thrown as a `SluiceError`. */
  follow(operation: Operation): Promise<Operation>;
}

/** A problem that Sluice answered. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** A client for one Sluice. Every call of the API is there with its types; `data` is what was asked for, `error` a problem. */
export function createSluice({ url, key, token }: SluiceOptions): Sluice {
  const headers = key === undefined ? { Authorization: `Bearer ${token}` } : { 'X-API-Key': key };
  const client = createClient<paths>({ baseUrl: url.replace(/\/$/, ''), headers });
  return Object.assign(client, {
    follow: async (begun: Operation): Promise<Operation> => {
      let operation = begun;
      while (operation.state === 'running') {
        // Sluice answers when it ends, or after 45 seconds: then it is asked again.
        const params = { path: { id: operation.id }, header: { Prefer: 'wait=45' } };
        const { data, error } = await client.GET('/operations/{id}', { params });
        if (error) throw new SluiceError(error);
        operation = data;
      }
      return operation;
    },
  });
}
