import type { Client } from 'openapi-fetch';
import { answerOf, type Sent } from './answer.ts';
import type { Calls } from './calls.ts';
import { carryOut, flushBy, followOperation, killBy, readRecord, type Change } from './changes.ts';
import { openClient, sentBy, type SluiceOptions } from './connection.ts';
import { SluiceError, type Operation } from './error.ts';
import { followEvents, type FollowedEvent, type FollowOptions } from './follow.ts';
import { eachOf, processesOf, type ProcessesOptions } from './pages.ts';
import type { CallOptions, ChangeOptions, FlushCall, Kill, Look, LookQuery } from './words.ts';
import type { Me, OperationPage, OperationsQuery, OperationSummary, Process, Query } from './words.ts';
import type { Target, Tune, Why } from './words.ts';

export type * from './words.ts';
export type { SluiceOptions } from './connection.ts';
export type { Calls, KillBody } from './calls.ts';
export type { FollowedEvent, FollowOptions } from './follow.ts';
export type { ProcessesOptions } from './pages.ts';
export type { components, operations, paths } from './api.ts';
export type { Operation, OwnCode, Problem } from './error.ts';
export { SluiceError } from './error.ts';
export { version } from './version.ts';

/** What a dry run found, and how to carry out just that. */
export interface Preview {
  /** The record of the dry run: victims, protected, calls, the refusal that the call would get. */
  readonly operation: Operation;
  /** The plan's id and end; null where the call would be refused, or fixes nobody (`operation.planNote`). */
  readonly plan: Operation['plan'];
  /** Ends those victims that are still the same sessions, and nobody else. Once, before the plan expires. */
  commit(why?: Why, options?: ChangeOptions): Promise<Operation>;
}

/** One Sluice. Every method throws a `SluiceError`, and nothing else. */
export interface Sluice {
  /** Every call of the API with its types, for what the methods below do not offer. */
  readonly api: Client<Calls>;
  me(options?: CallOptions): Promise<Me>;
  targets(options?: CallOptions): Promise<Target[]>;
  target(name: string, options?: CallOptions): Promise<Target>;
  /** One page of processes, and how each target was seen. */
  look(query: LookQuery, options?: CallOptions): Promise<Look>;
  /** All processes that fit, page after page. A target that cannot be seen is thrown, unless `onTargets` is given. */
  processes(query: LookQuery, options?: ProcessesOptions): AsyncGenerator<Process, void, undefined>;
  /** Kills, and resolves at the operation's end. Where nothing was done, or nobody can say, it throws. */
  kill(kill: Kill, options?: ChangeOptions): Promise<Operation>;
  /** Flushes, as `kill` kills. */
  flush(flush: FlushCall, options?: ChangeOptions): Promise<Operation>;
  tune(tune: Tune, options?: ChangeOptions): Promise<Operation>;
  /** A dry run of a kill (`target`) or of a flush (`targets`), and the plan that it leaves. */
  plan(call: Kill | FlushCall, options?: CallOptions): Promise<Preview>;
  /** Carries out the plan of a dry run by its id, as `commit` of its preview does. */
  commit(kind: 'kill' | 'flush', plan: string, why?: Why, options?: ChangeOptions): Promise<Operation>;
  /** Operations, newest first, page after page. */
  operations(query?: OperationsQuery, options?: CallOptions): AsyncGenerator<OperationSummary, void, undefined>;
  /** One page of operations. */
  operationPage(query?: OperationsQuery, options?: CallOptions): Promise<OperationPage>;
  operation(id: string, options?: CallOptions): Promise<Operation>;
  /** What happens to an operation, as it happens, until nothing more is to be expected. */
  events(id: string, options?: FollowOptions): AsyncGenerator<FollowedEvent, void, undefined>;
  /** The record of an operation at its end, whatever came of it. */
  wait(id: string, options?: Omit<ChangeOptions, 'idempotencyKey' | 'untilEnd'>): Promise<Operation>;
  /** Carries out what somebody else asked for, and resolves with its record as it then stands. */
  approve(id: string, why?: { readonly reason?: string }, options?: CallOptions): Promise<Operation>;
  /** Says no to what somebody else asked for: nothing of it is sent. */
  reject(id: string, why?: { readonly reason?: string }, options?: CallOptions): Promise<Operation>;
  /** Stops an operation: what was not sent yet is not sent. */
  cancel(id: string, why?: { readonly reason?: string }, options?: CallOptions): Promise<Operation>;
}

/** A client for one Sluice. */
export function createSluice(options: SluiceOptions): Sluice {
  const api = openClient(options);
  const change = (send: Change, asked?: ChangeOptions) => carryOut(api, send, asked);
  const commit: Sluice['commit'] = (kind, plan, why = {}, asked = {}) =>
    change(kind === 'flush' ? flushBy(api, { plan, ...why }) : killBy(api, { plan, ...why }), asked);
  return {
    api,
    me: (asked = {}) => {
      const sent = sentBy(asked);
      return answerOf(api.GET('/me', { signal: sent.signal }), sent);
    },
    targets: async (asked = {}) => {
      const sent = sentBy(asked);
      return (await answerOf(api.GET('/targets', { signal: sent.signal }), sent)).items;
    },
    target: (name, asked = {}) => {
      const sent = sentBy(asked);
      return answerOf(api.GET('/targets/{name}', { params: { path: { name } }, signal: sent.signal }), sent);
    },
    look: (query, asked = {}) => lookAt(api, query, sentBy(asked)),
    processes: (query, asked = {}) => {
      const sent = sentBy(asked);
      return processesOf((page) => lookAt(api, { ...query, ...page }, sent), asked);
    },
    kill: (kill, asked) => change(killBy(api, kill), asked),
    flush: (flush, asked) => change(flushBy(api, flush), asked),
    tune: (body, asked) =>
      change(
        (header, sent) => answerOf(api.POST('/sessions/tune', { body, params: { header }, signal: sent.signal }), sent),
        asked,
      ),
    plan: async (call, asked = {}) => {
      const isFlush = 'targets' in call;
      const dry = isFlush ? flushBy(api, { ...call, dryRun: true }) : killBy(api, { ...call, dryRun: true });
      const operation = await change(dry, asked);
      return {
        operation,
        plan: operation.plan,
        commit: async (why, options) => {
          if (!operation.plan) throw new SluiceError(planless(operation), { code: 'plan-gone', operation });
          return commit(isFlush ? 'flush' : 'kill', operation.plan.id, why, options);
        },
      };
    },
    commit,
    operations: (query = {}, asked = {}) => {
      const sent = sentBy(asked);
      return eachOf((page) => readOperations(api, { ...query, ...page }, sent));
    },
    operationPage: (query = {}, asked = {}) => readOperations(api, query, sentBy(asked)),
    events: (id, asked = {}) => followEvents(api, id, asked),
    operation: (id, asked = {}) => readRecord(api, id, sentBy(asked)),
    wait: async (id, asked = {}) => {
      const sent = sentBy(asked);
      return followOperation(api, await readRecord(api, id, sent), sent, asked.onProgress);
    },
    approve: (id, why = {}, asked = {}) => {
      const sent = sentBy(asked);
      const init = { params: { path: { id } }, body: why, signal: sent.signal };
      return answerOf<Operation>(api.POST('/operations/{id}/approve', init), sent);
    },
    reject: (id, why = {}, asked = {}) => {
      const sent = sentBy(asked);
      const init = { params: { path: { id } }, body: why, signal: sent.signal };
      return answerOf(api.POST('/operations/{id}/reject', init), sent);
    },
    cancel: (id, why = {}, asked = {}) => {
      const sent = sentBy(asked);
      const init = { params: { path: { id } }, body: why, signal: sent.signal };
      return answerOf(api.POST('/operations/{id}/cancel', init), sent);
    },
  };
}

/** Without an `Accept` of its own a list is JSON. */
type AsJson = Client<Calls, 'application/json'>;

function lookAt(api: Client<Calls>, query: LookQuery, sent: Sent): Promise<Look> {
  const init = { params: { query: query as Query<'listProcesses'> }, signal: sent.signal };
  return answerOf((api as AsJson).GET('/processes', init), sent);
}

function readOperations(api: Client<Calls>, query: OperationsQuery, sent: Sent): Promise<OperationPage> {
  return answerOf((api as AsJson).GET('/operations', { params: { query }, signal: sent.signal }), sent);
}

function planless({ refusal, planNote }: Operation): string {
  return refusal?.detail ?? planNote ?? 'The dry run left no plan.';
}
