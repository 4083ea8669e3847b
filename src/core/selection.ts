import type { Pattern } from './pattern.js';
import {
  clockFacts,
  textFacts,
  type ClockFact,
  type Fact,
  type Process,
  type ProcessState,
  type TextFact,
} from './process.js';
import type { Target } from './target.js';

/** Which states are wanted and which are not. An exclusion wins. */
export interface StateFilter {
  readonly includes: readonly ProcessState[];
  readonly excludes: readonly ProcessState[];
}

/** What the caller picked: the same thing, whether to look at it or to kill it. Absent members restrict nothing. */
export interface Selection {
  readonly nodes: readonly string[];
  readonly ids: readonly string[];
  readonly text: Readonly<Partial<Record<TextFact, readonly Pattern[]>>>;
  readonly states: StateFilter;
  readonly minimums: Readonly<Partial<Record<ClockFact, number>>>;
}

/** The parameter that filters by a fact. */
export const minimumParameters = {
  idleSeconds: 'minIdleSeconds',
  busySeconds: 'minBusySeconds',
  ageSeconds: 'minAgeSeconds',
} as const satisfies Record<ClockFact, string>;

export const everything: Selection = {
  nodes: [],
  ids: [],
  text: {},
  states: { includes: [], excludes: [] },
  minimums: {},
};

/** Does a process fit every filter, its id and node aside? A fact that is null fits none. */
export function fits(process: Process, selection: Selection): boolean {
  return (
    textFacts.every((fact) => fitsText(fact, process[fact], selection.text[fact] ?? [])) &&
    fitsState(process.state, selection.states) &&
    clockFacts.every((fact) => fitsMinimum(process[fact], selection.minimums[fact]))
  );
}

/** Does a process fit the whole selection, ids included? Nodes are chosen before anybody looks. */
export function selects(selection: Selection, process: Process): boolean {
  return (selection.ids.length === 0 || selection.ids.includes(process.id)) && fits(process, selection);
}

function fitsText(fact: TextFact, value: string | null, patterns: readonly Pattern[]): boolean {
  if (patterns.length === 0) return true;
  if (value === null) return false;
  const matches = (pattern: Pattern): boolean =>
    pattern.matches(value) || (fact === 'client' && hostsOf(value).some((host) => pattern.matches(host)));
  const includes = patterns.filter((pattern) => !pattern.excludes);
  if (includes.length > 0 && !includes.some(matches)) return false;
  return !patterns.some((pattern) => pattern.excludes && matches(pattern));
}

function fitsState(state: ProcessState | null, { includes, excludes }: StateFilter): boolean {
  if (includes.length === 0 && excludes.length === 0) return true;
  if (state === null) return false;
  return (includes.length === 0 || includes.includes(state)) && !excludes.includes(state);
}

function fitsMinimum(value: number | null, minimum: number | undefined): boolean {
  return minimum === undefined || (value !== null && value >= minimum);
}

/** The address of a client without its port: `10.0.0.7` of `10.0.0.7:5432`; `::1` and `[::1]` of `[::1]:5432`. */
function hostsOf(client: string): readonly string[] {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(client)?.[1];
  if (bracketed !== undefined) return [bracketed, `[${bracketed}]`];
  return [/^([^:]*):\d+$/.exec(client)?.[1] ?? client];
}

/** The filters that a target cannot judge, by the name of their parameter. */
export function unsupportedFilters(selection: Selection, target: Target): readonly string[] {
  const asked: Fact[] = [
    ...textFacts.filter((fact) => (selection.text[fact] ?? []).length > 0),
    ...clockFacts.filter((fact) => selection.minimums[fact] !== undefined),
  ];
  const unsupported: string[] = asked
    .filter((fact) => !target.facts.has(fact))
    .map((fact) => (fact in minimumParameters ? minimumParameters[fact as ClockFact] : fact));
  const states = [...selection.states.includes, ...selection.states.excludes];
  if (states.some((state) => !target.states.has(state))) unsupported.push('state');
  return unsupported;
}

/**
 * Can the selection leave anything out on this target? `*`, a minimum of 0, every state and exclusions alone cannot:
 * "no filter" never means "everything".
 */
export function restricts(selection: Selection, target: Pick<Target, 'states'>): boolean {
  if (selection.ids.length > 0) return true;
  const byText = textFacts.some((fact) => {
    const includes = (selection.text[fact] ?? []).filter((pattern) => !pattern.excludes);
    return includes.length > 0 && includes.every((pattern) => pattern.restricts);
  });
  const byClock = clockFacts.some((fact) => (selection.minimums[fact] ?? 0) > 0);
  const { includes } = selection.states;
  const byState = includes.length > 0 && ![...target.states].every((state) => includes.includes(state));
  return byText || byClock || byState;
}
