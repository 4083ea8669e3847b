import { parsePattern, type Pattern } from './pattern.js';
import {
  clockFacts,
  processStates,
  textFacts,
  type ClockFact,
  type Fact,
  type ProcessState,
  type TextFact,
} from './process.js';

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
  /** True: only those that keep others waiting and wait for nobody themselves. False: only others. */
  readonly blocking?: boolean;
}

/** The parameter that filters by a fact. */
export const minimumParameters = {
  idleSeconds: 'minIdleSeconds',
  busySeconds: 'minBusySeconds',
  ageSeconds: 'minAgeSeconds',
  transactionSeconds: 'minTransactionSeconds',
} as const satisfies Record<ClockFact, string>;

/** A selection as somebody writes it: the values of each member, as they stand there. */
export type WrittenSelection = Readonly<
  Partial<Record<'node' | 'id' | 'state' | TextFact, readonly string[]>> &
    Partial<Record<(typeof minimumParameters)[ClockFact], number>>
>;

/** What is wrong with one member of it. */
export interface WrittenError {
  readonly member: string;
  readonly message: string;
}

/** Reads the one grammar of filters, wherever they are written. What is wrong is left out, and told. */
export function readWritten(written: WrittenSelection): {
  readonly selection: Selection;
  readonly errors: readonly WrittenError[];
} {
  const errors: WrittenError[] = [];
  const text = textFacts.map((fact) => {
    const patterns = (written[fact] ?? []).map(parsePattern);
    if (patterns.includes(null)) errors.push({ member: fact, message: `${fact} must not be empty.` });
    return [fact, patterns.filter((pattern): pattern is Pattern => pattern !== null)] as const;
  });
  const states = (written.state ?? []).map(parseState);
  if (states.includes(null)) {
    const message = `state must be one of ${processStates.join(', ')}, each with or without !.`;
    errors.push({ member: 'state', message });
  }
  const named = (excludes: boolean): readonly ProcessState[] =>
    states.flatMap((one) => (one?.excludes === excludes ? [one.state] : []));
  const minimums = clockFacts.flatMap((fact) => {
    const value = written[minimumParameters[fact]];
    return value === undefined ? [] : [[fact, value] as const];
  });
  const selection: Selection = {
    nodes: exactNames('node', written.node ?? [], errors),
    ids: exactNames('id', written.id ?? [], errors),
    text: Object.fromEntries(text.filter(([, patterns]) => patterns.length > 0)),
    states: { includes: named(false), excludes: named(true) },
    minimums: Object.fromEntries(minimums),
  };
  return { selection, errors };
}

/** Names that stand for nothing but themselves, each once. */
export function exactNames(member: string, values: readonly string[], errors: WrittenError[]): readonly string[] {
  if (values.some((value) => value.startsWith('!') || value.includes('*'))) {
    errors.push({ member, message: `${member} takes neither * nor !.` });
  }
  return [...new Set(values)];
}

/** Reads one value of a filter by state; null if there is no such state. */
export function parseState(text: string): { readonly excludes: boolean; readonly state: ProcessState } | null {
  const name = text.replace(/^!/, '');
  const state = processStates.find((one) => one === name);
  return state === undefined ? null : { excludes: text.startsWith('!'), state };
}

/** The selection that leaves nothing out. */
export const everything: Selection = {
  nodes: [],
  ids: [],
  text: {},
  states: { includes: [], excludes: [] },
  minimums: {},
};

/** What a target can tell of its processes. */
export interface Telling {
  readonly facts: ReadonlySet<Fact>;
  readonly states: ReadonlySet<ProcessState>;
}

/** The filters that a target cannot judge, by the name of their parameter. */
export function unsupportedFilters(selection: Selection, target: Telling): readonly string[] {
  const asked: Fact[] = [
    ...textFacts.filter((fact) => (selection.text[fact] ?? []).length > 0),
    ...clockFacts.filter((fact) => selection.minimums[fact] !== undefined),
  ];
  const unsupported: string[] = asked
    .filter((fact) => !target.facts.has(fact))
    .map((fact) => (fact in minimumParameters ? minimumParameters[fact as ClockFact] : fact));
  const states = [...selection.states.includes, ...selection.states.excludes];
  if (states.some((state) => !target.states.has(state))) unsupported.push('state');
  if (selection.blocking !== undefined && !target.facts.has('blockedBy')) unsupported.push('blocking');
  return unsupported;
}

/** The parameters of a selection that a target can judge, by their names. */
export function filtersOf(
  target: Telling & { readonly configuredNodes: readonly { readonly name: string | null }[] | null },
): readonly string[] {
  return [
    ...(target.configuredNodes?.every((node) => node.name === null) ? [] : ['node']),
    'id',
    ...textFacts.filter((fact) => target.facts.has(fact)),
    ...(target.states.size > 0 ? ['state'] : []),
    ...clockFacts.filter((fact) => target.facts.has(fact)).map((fact) => minimumParameters[fact]),
    ...(target.facts.has('blockedBy') ? ['blocking'] : []),
  ];
}

/**
 * Can the selection leave anything out on this target? `*`, a minimum of 0, every state and exclusions alone cannot:
 * "no filter" never means "everything".
 */
export function restricts(selection: Selection, target: Pick<Telling, 'states'>): boolean {
  if (selection.ids.length > 0) return true;
  const byText = textFacts.some((fact) => {
    const includes = (selection.text[fact] ?? []).filter((pattern) => !pattern.excludes);
    return includes.length > 0 && includes.every((pattern) => pattern.restricts);
  });
  const byClock = clockFacts.some((fact) => (selection.minimums[fact] ?? 0) > 0);
  const { includes } = selection.states;
  const byState = includes.length > 0 && ![...target.states].every((state) => includes.includes(state));
  return byText || byClock || byState || selection.blocking === true;
}

/**
 * What a flush ends where Sluice chooses: everything if forced, else what is idle, for so long as the target can tell.
 * What it cannot tell restricts nothing here; a minimum that the caller wrote for it was refused before.
 */
export function flushSelection(
  target: Pick<Telling, 'facts'>,
  mode: 'graceful' | 'forced',
  minIdleSeconds: number,
  text: Selection['text'] = {},
): Selection {
  if (mode === 'forced') return { ...everything, text };
  return {
    ...everything,
    text,
    states: { includes: ['idle'], excludes: [] },
    minimums: target.facts.has('idleSeconds') ? { idleSeconds: minIdleSeconds } : {},
  };
}
