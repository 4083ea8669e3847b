import { Failure } from '../core/model/failure.js';

/** There is no such operation, as far as the caller may know. */
export function notFound(id: string): Failure {
  const told = JSON.stringify(id.slice(0, 64));
  return new Failure('not-found', `There is no operation ${told}, or it is not yours to see.`);
}
