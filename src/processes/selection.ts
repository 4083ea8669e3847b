import type { FieldError } from '../core/model/failure.js';
import { clockFacts } from '../core/model/process.js';
import {
  exactNames,
  minimumParameters,
  readWritten,
  type Selection,
  type WrittenError,
} from '../core/model/selection.js';
import type { SelectionQuery } from './selection.dto.js';

/** What a query selects, and what is wrong with its values. */
export interface ReadSelection {
  readonly targets: readonly string[];
  readonly selection: Selection;
  readonly errors: readonly FieldError[];
}

/** Reads the selection of a query: the same for look and kill. */
export function readSelection(query: SelectionQuery): ReadSelection {
  const minimums = clockFacts.flatMap((fact) => {
    const parameter = minimumParameters[fact];
    const digits = query[parameter];
    return digits === undefined ? [] : [[parameter, Number(digits)] as const];
  });
  const { node, id, user, client, database, application, command, statementId, state, blocking } = query;
  const { selection, errors } = readWritten({
    ...present({ node, id, user, client, database, application, command, statementId, state }),
    ...Object.fromEntries(minimums),
  });
  const targetErrors: WrittenError[] = [];
  const targets = exactNames('target', query.target ?? [], targetErrors);
  return {
    targets,
    selection: blocking === undefined ? selection : { ...selection, blocking: blocking === 'true' },
    errors: [...errors, ...targetErrors].map(({ member, message }) => ({ parameter: member, message })),
  };
}

function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
