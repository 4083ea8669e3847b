import { describe, expect, it } from '@jest/globals';
import type { Ask } from '../platform/entry/ask.js';
import { Refusals } from '../core/model/refusals.js';
import { readKey } from './idempotency.js';

const now = 1_000_000;

type Given = Partial<Pick<Ask, 'idempotencyKey' | 'givenRequestId'>> & { readonly caller?: string };

function read({ caller = 'billing-app', ...given }: Given, input: readonly unknown[] = ['sessions.flush', { a: 1 }]) {
  const ask = { caller: { name: caller, grants: [] }, idempotencyKey: null, givenRequestId: null, arrivedAt: now };
  const refusals = new Refusals();
  const claim = readKey({ ...ask, ...given } as unknown as Ask, input, refusals);
  return { claim, refusals };
}

describe('readKey', () => {
  it('is null without a key and without a request id that came along', () => {
    expect(read({}).claim).toBeNull();
  });

  it.each([
    ['a key', { idempotencyKey: 'k1' }, 24 * 3600_000],
    ['a request id', { givenRequestId: 'r1' }, 900_000],
    ['a key, whatever the request id', { idempotencyKey: 'k1', givenRequestId: 'r1' }, 24 * 3600_000],
  ])('keeps %s for its time', (_name, given, milliseconds) => {
    expect(read(given).claim).toMatchObject({ expiresAt: now + milliseconds });
  });

  it.each([
    ['!', true],
    ['k'.repeat(255), true],
    ['', false],
    ['k'.repeat(256), false],
    ['a b', false],
    ['ä', false],
    ['a\n', false],
    ['\u007f', false],
  ])('takes the key %j: %j', (idempotencyKey, isTaken) => {
    const { claim, refusals } = read({ idempotencyKey });
    expect(claim !== null).toBe(isTaken);
    expect(refusals.has('invalid-request')).toBe(!isTaken);
  });

  it('is the caller’s own', () => {
    const names = ['a', 'b'].flatMap((caller) => [
      read({ caller, idempotencyKey: 'k1' }).claim?.name,
      read({ caller, givenRequestId: 'k1' }).claim?.name,
    ]);
    expect(new Set(names).size).toBe(4);
  });

  it('cannot be forged by a caller’s name', () => {
    const one = read({ caller: 'a","key","k', idempotencyKey: '1' }).claim?.name;
    expect(one).not.toBe(read({ caller: 'a', idempotencyKey: 'k","key","1' }).claim?.name);
  });

  const same: readonly (readonly [string, readonly unknown[], readonly unknown[], boolean])[] = [
    ['the order of members', ['k', { a: 1, b: { c: 2, d: 3 } }], ['k', { b: { d: 3, c: 2 }, a: 1 }], true],
    ['a member that is absent', ['k', { a: 1, b: undefined }], ['k', { a: 1 }], true],
    ['a value', ['k', { a: 1 }], ['k', { a: 2 }], false],
    ['the type of a value', ['k', { a: 1 }], ['k', { a: '1' }], false],
    ['the kind of call', ['sessions.flush', { a: 1 }], ['sessions.tune', { a: 1 }], false],
    ['the order of a list', ['k', { a: [1, 2] }], ['k', { a: [2, 1] }], false],
    ['where a member stands', ['k', { a: 1 }, {}], ['k', {}, { a: 1 }], false],
    ['a dry run', ['k', { dryRun: true }], ['k', { dryRun: false }], false],
  ];

  it.each(same)('of requests that differ by %s', (_name, left, right, isSame) => {
    const [one, other] = [left, right].map((input) => read({ idempotencyKey: 'k1' }, input).claim);
    expect(one?.name).toBe(other?.name);
    expect(one?.fingerprint === other?.fingerprint).toBe(isSame);
  });

  it.each(same)('by request id, of requests that differ by %s, is another one unless they are the same', (...row) => {
    const [, left, right, isSame] = row;
    const [one, other] = [left, right].map((input) => read({ givenRequestId: 'r1' }, input).claim);
    expect(one?.name === other?.name).toBe(isSame);
  });

  it('holds nothing of what the caller wrote', () => {
    expect(JSON.stringify(read({ idempotencyKey: 'hunter2' }, ['k', { reason: 'hunter2' }]))).not.toContain('hunter2');
  });
});
