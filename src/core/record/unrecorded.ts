import { asFailure, Failure } from '../model/failure.js';
import { LeaseLost } from './journal.js';

/** What it means for a call about to be sent that the store does not take its event. */
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
