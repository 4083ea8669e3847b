import type { components, paths } from './api.ts';

/** The body form of a kill: long lists of ids, or processes of several targets. */
export interface KillBody {
  readonly target?: string | undefined;
  readonly node?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly processes?: readonly components['schemas']['NamedProcess'][] | undefined;
  readonly reason?: string | undefined;
  readonly onBehalfOf?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly approval?: 'request' | undefined;
  readonly breakGlass?: boolean | undefined;
}

type Processes = paths['/processes'];
type KillWithBody = Omit<Processes['delete'], 'requestBody'> & {
  readonly requestBody?: { readonly content: { readonly 'application/json': KillBody } };
};

/** Every call of the API. The document tells of the body of a kill in words: generators refuse one of DELETE. */
export type Calls = Omit<paths, '/processes'> & {
  '/processes': Omit<Processes, 'delete'> & { delete: KillWithBody };
};
