import { Failure, type FailureDetails, type FailureKind } from '../../core/model/failure.js';
import { problemOf, type Problem } from '../../core/model/problem.js';
import { exampleOf, type Called } from './example-call.js';

type Told = readonly [message: string, details?: FailureDetails];

/** A problem as one call would be answered with it. */
export function problemOfCall(kind: FailureKind, called: Called): Omit<Problem, 'retryAfterSeconds'> {
  const [message, details] = told[kind](called);
  const { retryAfterSeconds, ...problem } = problemOf(new Failure(kind, message, details));
  return { ...problem, ...{ instance: called.path, requestId: exampleOf.request } };
}

/** Told with its place in the request, if it has one there. */
function at(called: Called, name: string, message: string, more = ''): Told {
  return [`${message}${more}`, { errors: called.at(name, message) }];
}

/** Told with what the vendor said. */
function byVendor({ target, backend, upstream }: Called, message: string, answer: object = {}): Told {
  return [message, { upstream: { target, backend, ...upstream, ...answer } }];
}

const silent = { httpStatus: null, code: null, message: null, requestId: null };
const { caller, operation, plan } = exampleOf;

const told: Readonly<Record<FailureKind, (called: Called) => Told>> = {
  'invalid-request': ({ invalid }) => [invalid.message, { errors: [invalid] }],
  'selection-required': (called) =>
    at(called, 'id', 'Name ids, or a filter that can leave something out: no filter never means everything.'),
  'reason-required': (called) => at(called, 'reason', `A call that changes "${called.target}" needs a reason.`),
  'ambiguous-process': (called) =>
    at(called, 'id', `The id 2075425 lives on the nodes "primary" and "replica" of "${called.target}": add node.`),
  unauthenticated: () => ['The API key is not known.'],
  forbidden,
  'approval-required': (called) =>
    called.act === 'approve'
      ? [`${operation} was not carried out: it was rejected by sue.`]
      : at(
          called,
          'target',
          `It would end 31 of 60 connected processes of "${called.target}", and more than 30 must be approved.`,
          ' Send it with approval=request, so that somebody else can approve it.',
        ),
  protected: (called) => at(called, 'id', `The process 2075401 of "${called.target}" is protected (replication).`),
  'unknown-target': (called) =>
    at(called, 'target', `No target is called "${called.target}", or it is not granted to you.`),
  'not-found': ({ path }) =>
    path.startsWith('/freezes')
      ? [`There is no freeze "${exampleOf.freeze}", or it has ended.`]
      : [`There is no operation "${operation}", or it is not yours to see.`],
  'method-not-allowed': () => ['Here only GET, HEAD can be used.'],
  'request-timeout': () => ['The request did not arrive in time: headers have 5 seconds, the whole has 10.'],
  'upstream-conflict': (called) => byVendor(called, called.conflict),
  'request-in-progress': () => [`The same request is being carried out by ${operation}, and is not answered yet.`],
  'flush-in-progress': ({ target }) => [
    `"${target}" is being flushed by ${operation}: a second flush can begin once that has ended.`,
  ],
  'operation-over': ({ act }) =>
    act === 'approve'
      ? [`The operation ${operation} does not wait for an approval.`]
      : [`The operation ${operation} is over: there is nothing left of it to cancel.`],
  cancelled: () => ['The operation was cancelled before anything of it was sent.'],
  'read-only': (called) =>
    at(called, 'target', `Nothing may be changed on "${called.target}": it is configured as read-only.`),
  'plan-gone': () => [`There is no plan "${plan}" for you to use any more: make a dry run again.`],
  'payload-too-large': () => ['The body is larger than 256 KiB.'],
  'uri-too-long': () => ['The address is longer than 16 KiB: long lists of ids go into the body.'],
  'unsupported-media-type': () => ['The body must be application/json.'],
  'unsupported-operation': (called) =>
    at(called, 'target', `The target "${called.target}" (${called.backend}) cannot be asked to ${called.act}.`),
  'unsupported-filter': (called) =>
    at(called, 'application', `The target "${called.target}" (${called.backend}) cannot judge application.`),
  'too-many-processes': (called) => at(called, 'max', '51 processes match, and max is 50: nothing was sent.'),
  'idempotency-key-reused': () => ['Another request came under this Idempotency-Key: use a new key for a new request.'],
  'outcome-unknown': (called) =>
    byVendor(called, 'It was sent, and what came of it is not known: the vendor did not answer in time.', silent),
  'rate-limited': () => [`${caller} asks more often than a caller may.`, { retryAfterMs: 7000 }],
  'kill-budget-exhausted': ({ target }) => [
    `Of the 200 processes a minute that may be killed on "${target}", 3 are left, and 12 were asked for: nothing was sent.`,
    { retryAfterMs: 31_000 },
  ],
  'headers-too-large': () => ['The headers are larger than 16 KiB.'],
  internal: () => ['Sluice failed in a way it did not expect. The request id finds it in the logs.'],
  'upstream-rejected': (called) =>
    byVendor(called, 'The vendor understood the call and refused it.', { httpStatus: 403, code: null, message: null }),
  'upstream-malformed': (called) =>
    byVendor(called, 'The answer cannot be understood.', { httpStatus: 200, code: null, message: null }),
  'upstream-unavailable': (called) =>
    called.reachesVendor
      ? byVendor(called, 'The vendor failed while it handled the call.', { httpStatus: 500, code: null, message: null })
      : ['The keys of the token issuer cannot be had at the moment.'],
  'upstream-throttled': () => ['The vendor throttles, and asked not to be called for a while.', { retryAfterMs: 2000 }],
  overloaded: () => ['This replica is answering as many requests as it can.', { retryAfterMs: 1000 }],
  draining: () => ['This replica is stopping: another one takes the call.'],
  'store-unavailable': () => ['The record of operations cannot be written or read at the moment.'],
  'upstream-timeout': () => ['The vendor did not answer in time.'],
};

function forbidden(called: Called): Told {
  const { act, path, target } = called;
  if (path.endsWith('/cancel'))
    return [`${caller} has not begun ${operation}, and does not operate all of its targets.`];
  if (act === 'acknowledge') {
    return [`To acknowledge takes operator of all targets that are unknown, which ${caller} is not.`];
  }
  if (act === 'approve') return [`No grant of ${caller} allows to approve on "${target}".`];
  if (path.startsWith('/freezes/')) return ['To end this freeze takes admin of all its targets.'];
  const takes = act === 'freeze' ? 'admin' : 'operator';
  return at(called, 'target', `${caller} is viewer of "${target}", and to ${act} takes ${takes}.`);
}
