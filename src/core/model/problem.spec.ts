import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { asFailure, Failure, failureKinds, failureOf, type FailureKind, type Sent } from './failure.js';
import { mostShared, problemAddress, problemOf, problemTypes } from './problem.js';

const statuses: Record<FailureKind, number> = {
  'invalid-request': 400,
  'selection-required': 400,
  'reason-required': 400,
  'ambiguous-process': 400,
  unauthenticated: 401,
  forbidden: 403,
  'approval-required': 403,
  protected: 403,
  'unknown-target': 404,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'upstream-conflict': 409,
  'request-in-progress': 409,
  'flush-in-progress': 409,
  'plan-gone': 410,
  'payload-too-large': 413,
  'uri-too-long': 414,
  'unsupported-media-type': 415,
  'unsupported-operation': 422,
  'unsupported-filter': 422,
  'too-many-processes': 422,
  'idempotency-key-reused': 422,
  'outcome-unknown': 424,
  'rate-limited': 429,
  'kill-budget-exhausted': 429,
  'headers-too-large': 431,
  internal: 500,
  'upstream-rejected': 502,
  'upstream-malformed': 502,
  'upstream-unavailable': 503,
  'upstream-throttled': 503,
  overloaded: 503,
  draining: 503,
  'read-only': 409,
  'operation-over': 409,
  cancelled: 409,
  'store-unavailable': 503,
  'upstream-timeout': 504,
};

describe('problemOf', () => {
  it.each(Object.entries(statuses) as [FailureKind, number][])('tells %s as %d', (kind, status) => {
    const { title, ...problem } = problemOf(new Failure(kind, 'What happened.'));
    expect(problem).toMatchObject({ type: problemAddress(kind), status, detail: 'What happened.', code: kind });
    expect(title.length).toBeGreaterThan(5);
  });

  it('knows every kind of failure once', () => {
    expect([...failureKinds].toSorted()).toEqual(Object.keys(statuses).toSorted());
    expect(Object.keys(problemTypes).toSorted()).toEqual(Object.keys(statuses).toSorted());
  });

  it('leaves out what there is nothing of', () => {
    expect(Object.keys(problemOf(new Failure('forbidden', 'No.')))).toEqual([
      ...['type', 'title', 'status', 'detail', 'code', 'retryable'],
    ]);
  });

  it('names every place, and gives the vendor’s own words', () => {
    const errors = [{ parameter: 'limit', message: 'Too many.' }];
    const upstream = { target: 'a', backend: 'dcs', httpStatus: 400, code: 'DCS.1', message: 'no', requestId: 'v' };
    const failure = new Failure('upstream-rejected', 'No.', { errors, upstream, cause: new Error('hunter2') });
    expect(problemOf(failure)).toMatchObject({ errors, upstream });
    expect(JSON.stringify(problemOf(failure))).not.toContain('hunter2');
  });

  const passing: ReadonlySet<FailureKind> = new Set([
    'rate-limited',
    'kill-budget-exhausted',
    'request-in-progress',
    'flush-in-progress',
    'request-timeout',
    'store-unavailable',
    'upstream-unavailable',
    'upstream-throttled',
    'overloaded',
    'draining',
    'upstream-timeout',
  ]);
  const sents: readonly Sent[] = ['never', 'refused', 'perhaps'];

  it.each(failureKinds.flatMap((kind) => sents.map((sent) => [kind, sent] as const)))(
    'lets %s that was sent %s be sent again only if nothing can have been done',
    (kind, sent) => {
      const problem = problemOf(new Failure(kind, 'No.', { sent }));
      expect(problem.retryable).toBe(passing.has(kind) && sent !== 'perhaps');
      expect(problem.retryAfterSeconds !== undefined).toBe(problem.retryable);
    },
  );

  it.each([
    [undefined, 5],
    [0, 0],
    [1, 1],
    [1000, 1],
    [1001, 2],
  ])('rounds a pause of %s milliseconds up to %d seconds', (retryAfterMs, seconds) => {
    const details = retryAfterMs === undefined ? {} : { retryAfterMs };
    expect(problemOf(new Failure('overloaded', 'No.', details)).retryAfterSeconds).toBe(seconds);
  });
});

describe('mostShared', () => {
  const rows: readonly (readonly [readonly FailureKind[], FailureKind])[] = [
    [[], 'internal'],
    [['upstream-rejected'], 'upstream-rejected'],
    [['upstream-timeout', 'upstream-rejected', 'upstream-timeout'], 'upstream-timeout'],
    [['upstream-timeout', 'upstream-rejected'], 'upstream-rejected'],
    [['upstream-unavailable', 'upstream-conflict'], 'upstream-conflict'],
    [['upstream-conflict', 'upstream-malformed'], 'upstream-malformed'],
    [['upstream-throttled', 'upstream-unavailable'], 'upstream-unavailable'],
    [['internal', 'unsupported-operation'], 'unsupported-operation'],
    [['internal', 'upstream-rejected', 'upstream-rejected'], 'upstream-rejected'],
  ];
  it.each(rows)('of %j is %s', (kinds, expected) => {
    expect(mostShared(kinds)).toBe(expected);
    expect(mostShared(kinds.toReversed())).toBe(expected);
  });
});

describe('asFailure', () => {
  it('keeps a failure, and takes anything else for one after sending', () => {
    const failure = new Failure('forbidden', 'No.');
    expect(asFailure(failure)).toBe(failure);
    expect(asFailure(new TypeError('x'))).toMatchObject({ kind: 'internal', sent: 'perhaps' });
    expect(asFailure(undefined)).toMatchObject({ kind: 'internal', sent: 'perhaps' });
    expect(asFailure(new TypeError('hunter2')).message).not.toContain('hunter2');
  });
});

describe('failureOf', () => {
  const target = { name: 'orders', backend: 'taurusdb' };

  it('says whose failure it was, and keeps the rest', () => {
    const upstream = { target: null, backend: null, httpStatus: 429, code: 'X', message: 'm', requestId: 'v' };
    const errors = [{ parameter: 'id', message: 'No.' }];
    const failure = new Failure('upstream-throttled', 'No.', { upstream, retryAfterMs: 7, sent: 'refused', errors });
    expect(failureOf(target, failure)).toMatchObject({
      kind: 'upstream-throttled',
      message: 'No.',
      retryAfterMs: 7,
      sent: 'refused',
      errors,
      upstream: { ...upstream, target: 'orders', backend: 'taurusdb' },
    });
  });

  it('says of a vendor that said nothing that it said nothing', () => {
    expect(failureOf(target, new Failure('upstream-timeout', 'No.')).upstream).toEqual({
      target: 'orders',
      backend: 'taurusdb',
      httpStatus: null,
      code: null,
      message: null,
      requestId: null,
    });
  });

  it('shows no more of an error than its class, unless one looks at its cause', () => {
    const told = problemOf(failureOf(target, new Error('hunter2')));
    expect(inspect(told, { depth: 10 })).not.toContain('hunter2');
  });
});
