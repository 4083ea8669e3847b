import { mayChange, type Caller } from '../core/model/caller.js';
import { Failure } from '../core/model/failure.js';
import type { Operation } from '../core/model/operation.js';
import type { Journal } from '../core/record/journal.js';

/** What is asked of an operation, so that what was found out of it can be told. */
type Acknowledgeable = Pick<Operation, 'id'> & {
  readonly targets: readonly Pick<Operation['targets'][number], 'state'>[];
};

/** Each of these operations with what somebody found out of it, if anybody did. */
export async function withAcknowledgements<Told extends Acknowledgeable>(
  journal: Journal,
  operations: readonly Told[],
): Promise<Told[]> {
  const unknown = operations.filter(({ targets }) => targets.some(isUnknown)).map(({ id }) => id);
  if (unknown.length === 0) return [...operations];
  const found = await journal.acknowledgements.of(unknown);
  return operations.map((operation) => {
    const acknowledged = found.get(operation.id);
    return acknowledged ? { ...operation, acknowledged } : operation;
  });
}

/**
 * Is there anything to be found out? Throws Failure `forbidden` unless the caller may end processes on all that is
 * unknown.
 */
export function mayAcknowledge({ targets }: Operation, caller: Caller): boolean {
  const unknown = targets.filter(isUnknown);
  if (unknown.every(({ target }) => mayChange(caller, target))) return unknown.length > 0;
  throw new Failure(
    'forbidden',
    `To acknowledge takes operator of all targets that are unknown, which ${caller.name} is not.`,
  );
}

function isUnknown({ state }: Pick<Operation['targets'][number], 'state'>): boolean {
  return state === 'unknown';
}
