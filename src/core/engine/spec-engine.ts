import type { Caller, Role } from '../model/caller.js';
import { Failure } from '../model/failure.js';
import type { Operation } from '../model/operation.js';
import type { Asking } from './opening.js';
import { admitCall } from '../choose/admitted.js';
import { Engine } from './engine.js';
import type { OperationHandle } from './handle.js';
import { parsePattern, type Pattern } from '../model/pattern.js';
import type { Process } from '../model/process.js';
import { Refusals } from '../model/refusals.js';
import {
  inQuery,
  type FlushRequest,
  type KillRequest,
  type MutatingRequest,
  type TuneRequest,
} from '../model/request.js';
import { everything, type Selection } from '../model/selection.js';
import type { Claim } from '../record/journal.js';
import { SpecClock, SpecJournal } from '../record/spec-journal.js';
import { processOf } from '../model/spec-targets.js';
import type { Target } from '../model/target.js';

export interface Setting {
  readonly operations: SpecEngine;
  readonly journal: SpecJournal;
  readonly clock: SpecClock;
  readonly targets: readonly Target[];
  /** What was told of operations. */
  readonly ended: readonly Operation[];
  readonly changed: readonly Operation[];
  readonly thrownErrors: readonly (readonly [string | null, unknown])[];
  /** Begins a call. */
  readonly ask: (request: MutatingRequest, asking?: Partial<Asking>, refusals?: Refusals) => Promise<OperationHandle>;
  /** Begins a call, and resolves to its id. */
  readonly begin: (request: MutatingRequest, refusals?: Refusals) => Promise<string>;
  /** Begins a call, and resolves to its record once it is over. */
  readonly run: (request: MutatingRequest) => Promise<Operation>;
  /** Keeps what runs, and takes over what nobody keeps. */
  readonly keep: () => void;
}

/** An engine that is asked by an id. */
export class SpecEngine extends Engine {
  async read(id: string): Promise<Operation | undefined> {
    return (await this.find(id, 'spec'))?.now;
  }

  async repeats(key: Claim): Promise<string | undefined> {
    return (await this.repeated(key, 'spec'))?.id;
  }

  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
    await (await this.find(id, 'spec'))?.closed(milliseconds, signal);
  }
}

/** What several replicas share. */
export interface Shared {
  readonly journal?: SpecJournal;
  readonly clock?: SpecClock;
  readonly owner?: string;
  readonly caller?: string;
  readonly monotonic?: () => number;
  readonly mostSeen?: number;
}

export function setUp(
  targets: readonly Target[],
  grants: Readonly<Record<string, Role>> = {},
  shared: Shared = {},
): Setting {
  const { journal = new SpecJournal(), clock = new SpecClock(), owner = 'replica-1' } = shared;
  const operations = new SpecEngine(journal, clock, owner, {
    after: clock.after,
    ...(shared.monotonic ? { monotonic: shared.monotonic } : {}),
    ...(shared.mostSeen ? { mostSeen: shared.mostSeen } : {}),
  });
  const caller: Caller = {
    name: shared.caller ?? 'billing-app',
    grants: targets.map(({ name }) => ({
      role: grants[name] ?? 'operator',
      matches: (target: string) => target === name,
      statements: false,
    })),
  };
  const snapshot = { all: targets, named: (name: string) => targets.find((target) => target.name === name) };
  const ended: Operation[] = [];
  const changed: Operation[] = [];
  const thrownErrors: (readonly [string | null, unknown])[] = [];
  operations.listeners.onEnd((operation) => ended.push(operation));
  operations.listeners.onChange((operation) => changed.push(operation));
  operations.listeners.onError((id, thrown) => thrownErrors.push([id, thrown]));
  const ask: Setting['ask'] = async (request, asking = {}, refusals = new Refusals()) =>
    operations.open(
      admitCall({ targets: snapshot, caller, refusals, freezes: operations.brakes.freezes, now: clock.now() }, request),
      {
        requestId: 'r1',
        key: null,
        answerBy: clock.now() + 10_000,
        ...asking,
      },
    );
  const begin: Setting['begin'] = async (request, refusals = new Refusals()) => (await ask(request, {}, refusals)).id;
  const run = async (request: MutatingRequest): Promise<Operation> => {
    const over = new Promise<Operation>((resolve) => {
      operations.listeners.onEnd(resolve);
    });
    await begin(request);
    return over;
  };
  const keep = (): void => {
    operations.keep(() => snapshot);
  };
  return { operations, journal, clock, targets, ended, changed, thrownErrors, ask, begin, run, keep };
}

export const intent = { writing: inQuery, dryRun: false, reason: 'nightly', onBehalfOf: 'sue' };
export const kill = (selection: Partial<Selection>, facts: Partial<KillRequest> = {}): KillRequest => ({
  ...intent,
  kind: 'processes.kill',
  targets: ['orders'],
  plan: null,
  selection: { ...everything, ...selection },
  max: null,
  ...facts,
});
export const flush = (targets: readonly string[], facts: Partial<FlushRequest> = {}): FlushRequest => ({
  ...intent,
  kind: 'sessions.flush',
  targets,
  plan: null,
  mode: 'graceful',
  node: null,
  minIdleSeconds: null,
  requireAll: false,
  ...facts,
});
export const tune: TuneRequest = {
  ...intent,
  kind: 'sessions.tune',
  targets: ['bi-user'],
  settings: { infinityToNa: true },
};
export const patterns = (...texts: readonly string[]): readonly Pattern[] =>
  texts.flatMap((text) => parsePattern(text) ?? []);
export const byUser = (...texts: readonly string[]): Partial<Selection> => ({ text: { user: patterns(...texts) } });
export const threads = (...ids: readonly string[]): readonly Process[] => ids.map((id) => processOf(id));
export const outcomes = (operation: Operation, at = 0): readonly string[] =>
  operation.targets[at]?.items.map(({ id, outcome, why }) => [id, outcome, why ?? []].flat().join(' ')) ?? [];

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Failure)) throw new Error(`No Failure was thrown, but ${String(thrown)}`);
  return thrown;
}
