import type { Fault } from '../core/failure.js';
import { parsePattern, type Pattern } from '../core/pattern.js';
import { clockFacts, processStates, textFacts, type ProcessState } from '../core/process.js';
import { minimumParameters, type Selection } from '../core/selection.js';
import type { SelectionQuery } from './selection.dto.js';

/** What a query selects, and what is wrong with its values. */
export interface ReadSelection {
  readonly targets: readonly string[];
  readonly selection: Selection;
  readonly faults: readonly Fault[];
}

/** Reads the one grammar of look and kill. */
export function readSelection(query: SelectionQuery): ReadSelection {
  const faults: Fault[] = [];
  const exact = (parameter: 'target' | 'node' | 'id'): readonly string[] => {
    const values = [...new Set(query[parameter] ?? [])];
    if (values.some((value) => value.startsWith('!') || value.includes('*'))) {
      faults.push({ parameter, message: `${parameter} takes neither * nor !.` });
    }
    return values;
  };
  const text = textFacts.map((fact) => {
    const patterns = (query[fact] ?? []).map(parsePattern);
    if (patterns.includes(null)) faults.push({ parameter: fact, message: `${fact} must not be empty.` });
    return [fact, patterns.filter((pattern): pattern is Pattern => pattern !== null)] as const;
  });
  const states = (query.state ?? []).map((value) => ({
    excludes: value.startsWith('!'),
    state: value.replace(/^!/, ''),
  }));
  if (states.some(({ state }) => !isState(state))) {
    faults.push({
      parameter: 'state',
      message: `state must be one of ${processStates.join(', ')}, each with or without !.`,
    });
  }
  const named = (excludes: boolean): readonly ProcessState[] =>
    states
      .filter((one) => one.excludes === excludes)
      .map(({ state }) => state)
      .filter(isState);
  const minimums = clockFacts.flatMap((fact) => {
    const value = query[minimumParameters[fact]];
    return value === undefined ? [] : [[fact, Number(value)] as const];
  });
  const selection: Selection = {
    nodes: exact('node'),
    ids: exact('id'),
    text: Object.fromEntries(text.filter(([, patterns]) => patterns.length > 0)),
    states: { includes: named(false), excludes: named(true) },
    minimums: Object.fromEntries(minimums),
  };
  return { targets: exact('target'), selection, faults };
}

function isState(value: string): value is ProcessState {
  return (processStates as readonly string[]).includes(value);
}
