import type { components, operations } from './api.ts';

type Schemas = components['schemas'];
/** The parameters of a call, as the document tells them. */
export type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

/** One value may stand for a list of one. */
type Loose<Asked> = {
  [Name in keyof Asked]: NonNullable<Asked[Name]> extends (infer One)[] ? Asked[Name] | One : Asked[Name];
};

export type Target = Schemas['Target'];
export type Process = Schemas['Process'];
export type Look = Schemas['Look'];
export type LookedTarget = Schemas['LookedTarget'];
export type Flush = Schemas['Flush'];
export type Tune = Schemas['Tune'];

/** Which processes to look at: the parameters of `GET /processes`. */
export type LookQuery = Loose<Query<'listProcesses'>>;

/**
 * Whom to kill: the parameters of `DELETE /processes`, without those of a preview; or `processes`, of several targets.
 */
export type Kill = Omit<Loose<Query<'killProcesses'>>, 'plan' | 'dryRun'> & {
  readonly processes?: readonly Schemas['NamedProcess'][] | undefined;
};

/** Whom to flush: the body of `POST /sessions/flush`, without those of a preview. */
export type FlushCall = Omit<Flush, 'plan' | 'dryRun'> & Required<Pick<Flush, 'targets'>>;

/** Which operations to list: the parameters of `GET /operations`. */
export type OperationsQuery = Query<'listOperations'>;

/** Operations, newest first, and where the next page begins. */
export type OperationPage = Schemas['OperationList'];

/** An operation as a list shows it: without its items and calls. */
export type OperationSummary = Schemas['OperationSummary'];

/** Who calls, and what is granted to them. */
export type Me = Schemas['Me'];
export type Grant = Schemas['Grant'];

/** What stands beside a plan: why, for whom, and how it gets past what would refuse it. */
export interface Why {
  readonly reason?: string;
  readonly onBehalfOf?: string;
  /** A second person approves it before anything is sent. */
  readonly approval?: 'request';
  /** An emergency: as if it were approved. */
  readonly breakGlass?: boolean;
}

/** What every call takes. */
export interface CallOptions {
  /** Stops the wait for the call. What was sent to Sluice goes on: `cancel` stops that. */
  readonly signal?: AbortSignal | undefined;
  /**
   * For how long the call may take, its repetitions and the wait for its end included. By default as long as it takes.
   */
  readonly timeoutMs?: number | undefined;
}

/** What a call that changes something takes. */
export interface ChangeOptions extends CallOptions {
  /** Under which it is carried out once, however often it is sent. One is made by default. */
  readonly idempotencyKey?: string | undefined;
  /** Is told the record each time it was read while the operation runs. */
  readonly onProgress?: ((operation: Schemas['Operation']) => void) | undefined;
  /** False: resolves as soon as Sluice answers, with an operation that may still run. Default true. */
  readonly untilEnd?: boolean | undefined;
}
