import { asFailure, Failure } from '../model/failure.js';
import { LeaseLost } from './journal.js';

/** What a store that does not take an event means for whoever wanted to send something. */
export function unrecorded(thrown: unknown): Failure {
  const lost = thrown instanceof LeaseLost;
  return new Failure(
    'store-unavailable',
    lost
      ? 'Another replica has taken the operation over, so nothing more is sent here.'
      : 'What would be sent cannot be recorded, so it is not sent.',
    { cause: lost ? thrown : asFailure(thrown), sent: 'never' },
  );
}
