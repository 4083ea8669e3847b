import { describe, expect, it } from '@jest/globals';
import type { Failure } from '../model/failure.js';
import type { Operation } from '../model/operation.js';
import { byUser, flush, kill, outcomes, setUp, threads, type Setting } from '../engine/spec-engine.js';
import { quiet } from '../record/spec-journal.js';
import {
  allEnded,
  database,
  done,
  pool,
  processOf,
  recordOf,
  refused,
  withoutSafeguards,
} from '../model/spec-targets.js';
import type { Done, Target } from '../model/target.js';

const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);
const accepted: Done = { is: 'job', call: recordOf('kill-all', null, 'j1'), job: 'j1' };

/** The first replica begins, and dies once it has gone so far; the second finds what is left. */
async function crash(
  target: Target,
  begin: (setting: Setting) => Promise<string>,
  isFarEnough: (setting: Setting) => boolean,
): Promise<{ readonly first: Setting; readonly second: Setting; readonly id: string }> {
  const first = setUp([target]);
  const { journal, clock } = first;
  const id = await begin(first);
  for (let turn = 0; !isFarEnough(first); turn += 1) {
    if (turn > 100) throw new Error('It never went so far.');
    await quiet();
  }
  // A dead process writes nothing any more: its appends are refused, since the lease is another's.
  const second = setUp([target], {}, { journal, clock, owner: 'replica-2' });
  second.keep();
  return { first, second, id };
}

async function recover({ second, id }: { readonly second: Setting; readonly id: string }): Promise<Operation> {
  await second.clock.pass(21_000);
  const found = await second.operations.read(id);
  if (!found) throw new Error('It is gone.');
  return found;
}

describe('an operation whose replica died', () => {
  it('is left alone until its lease is over, and is then brought to its end', async () => {
    const { target } = database({ n1: threads('1') }, { kill: never });
    const crashed = await crash(
      target,
      ({ begin }) => begin(kill(byUser('sue'))),
      ({ journal }) => journal.kinds.includes('started'),
    );
    await crashed.second.clock.pass(14_000);
    expect(await crashed.second.operations.read(crashed.id)).toMatchObject({ state: 'running' });
    expect(crashed.second.ended).toEqual([]);
    await recover(crashed);
    expect(crashed.second.ended.map(({ id }) => id)).toEqual([crashed.id]);
  });

  it('is unknown where a call was started, and nothing is sent again', async () => {
    const { target, sent } = database({ n1: threads('1', '2', '3') }, { batch: 2, kill: never });
    const crashed = await crash(
      target,
      ({ begin }) => begin(kill(byUser('sue'))),
      ({ journal }) => journal.kinds.includes('started'),
    );
    const operation = await recover(crashed);
    expect(sent).toEqual(['n1: 1 2']);
    expect(operation.state).toBe('unknown');
    expect(outcomes(operation)).toEqual(['1 unknown', '2 unknown', '3 failed notSent']);
    expect(operation.targets[0]).toMatchObject({ problem: null, note: expect.stringMatching(/stopped/) });
  });

  it('is what was answered where that is known', async () => {
    let calls = 0;
    const { target, sent } = database(
      { n1: threads('1', '2') },
      {
        batch: 1,
        kill: (ids) => {
          calls += 1;
          return calls === 1 ? allEnded(ids) : never();
        },
      },
    );
    const crashed = await crash(
      target,
      ({ begin }) => begin(kill(byUser('sue'))),
      ({ journal }) => journal.kinds.filter((is) => is === 'started').length === 2,
    );
    expect(outcomes(await recover(crashed))).toEqual(['1 ended', '2 unknown']);
    expect(sent).toEqual(['n1: 1', 'n1: 2']);
  });

  it('has failed where nothing was sent at all: it is never told as done', async () => {
    // Still looking: a flush that chooses by itself looks once it has begun.
    const { target, sent } = database({ n1: [] }, { extra: { look: never } });
    const crashed = await crash(
      target,
      ({ begin }) => begin(flush(['orders'])),
      ({ journal }) => journal.kinds.includes('prepared'),
    );
    const operation = await recover(crashed);
    expect(sent).toEqual([]);
    expect(operation).toMatchObject({
      state: 'failed',
      targets: [{ effect: 'none', problem: { code: 'draining', retryable: true } }],
    });
  });

  it('has failed where whom to end could not be recorded, and nothing was sent', async () => {
    const { target, sent } = database({ n1: threads('1') });
    const first = setUp([target]);
    first.journal.broken = (event) => event.is === 'started';
    const id = await first.begin(kill(byUser('sue')));
    await quiet();
    first.journal.broken = () => false;
    const second = setUp([target], {}, { journal: first.journal, clock: first.clock, owner: 'replica-2' });
    // The first died with what it could not write.
    await first.operations.stop();
    second.keep();
    const operation = await recover({ second, id });
    expect(sent).toEqual([]);
    expect(operation).toMatchObject({
      state: 'failed',
      counts: { failed: null, ended: 0 },
      targets: [{ problem: { code: 'draining' } }],
    });
    expect(outcomes(operation)).toEqual([]);
  });

  it.each([
    ['to its good end', () => Promise.resolve(done('kill-all')), 'succeeded'],
    ['to its bad end', () => Promise.resolve({ is: 'failed' as const, failure: refused }), 'failed'],
    ['as far as the vendor tells', () => Promise.reject<Done>(refused), 'unknown'],
  ])('has its accepted job followed %s', async (_name, poll, state) => {
    let sends = 0;
    let isDead = false;
    const target = pool(
      'carts',
      () => {
        sends += 1;
        return Promise.resolve(accepted);
      },
      {
        follow: () => (isDead ? poll() : Promise.resolve(accepted)),
        // Somebody busy, whom nothing has marked: no look can tell what came of the job.
        look: () =>
          Promise.resolve({ processes: [processOf('m1', { state: 'active' })], complete: true, at: new Date() }),
      },
    );
    const crashed = await crash(
      target,
      ({ begin }) => begin(flush(['carts'])),
      ({ journal }) => journal.kinds.includes('accepted'),
    );
    await crashed.first.operations.stop();
    isDead = true;
    const operation = await recover(crashed);
    expect(sends).toBe(1);
    expect(operation).toMatchObject({ state, targets: [{ calls: [{ jobId: 'j1' }] }] });
  });

  it('gives its flush lock back, and lets the target be flushed again', async () => {
    const target = pool('carts', () => never(), withoutSafeguards);
    const crashed = await crash(
      target,
      ({ begin }) => begin(flush(['carts'])),
      ({ journal }) => journal.kinds.includes('started'),
    );
    const refusal = await crashed.second.begin(flush(['carts'])).catch((thrown: unknown) => thrown as Failure);
    expect(refusal).toMatchObject({ kind: 'flush-in-progress', blockedBy: crashed.id });
    await recover(crashed);
    await expect(crashed.second.begin(flush(['carts']))).resolves.toMatch(/^op_/);
  });

  it('is taken over by one of several', async () => {
    const { target } = database({ n1: threads('1') }, { kill: never });
    const crashed = await crash(
      target,
      ({ begin }) => begin(kill(byUser('sue'))),
      ({ journal }) => journal.kinds.includes('started'),
    );
    const { journal, clock } = crashed.second;
    const third = setUp([target], {}, { journal, clock, owner: 'replica-3' });
    third.keep();
    await recover(crashed);
    expect([...crashed.second.ended, ...third.ended]).toHaveLength(1);
    expect(journal.kinds.filter((is) => is === 'closed')).toHaveLength(1);
  });

  it('is ended as unknown where its target is configured no more', async () => {
    const { target } = database({ n1: threads('1') }, { kill: never });
    const first = setUp([target]);
    const id = await first.begin(kill(byUser('sue')));
    await first.journal.seen(({ is }) => is === 'started');
    const second = setUp([], {}, { journal: first.journal, clock: first.clock, owner: 'replica-2' });
    second.keep();
    expect(await recover({ second, id })).toMatchObject({ state: 'unknown' });
    expect(first.journal.kinds.slice(-3)).toEqual(['ended', 'closed', 'over']);
  });
});

describe('a replica that stood still for longer than its lease', () => {
  it('sends nothing more, and tells nobody of an operation that is another’s', async () => {
    const slow = Promise.withResolvers<undefined>();
    const { target, sent } = database(
      { n1: threads('1', '2') },
      {
        batch: 1,
        kill: async (ids) => {
          await slow.promise;
          return allEnded(ids);
        },
      },
    );
    const first = setUp([target]);
    const { journal, clock } = first;
    const id = await first.begin(kill(byUser('sue')));
    await journal.seen(({ is }) => is === 'started');
    const second = setUp([target], {}, { journal, clock, owner: 'replica-2' });
    second.keep();
    await recover({ second, id });
    slow.resolve(undefined);
    await clock.pass(30_000);
    expect(sent).toEqual(['n1: 1']);
    expect(first.ended).toEqual([]);
    expect(second.ended).toHaveLength(1);
    expect(first.operations.running).toBe(0);
  });

  it('sends nothing though nobody has taken the operation over yet', async () => {
    const hold = Promise.withResolvers<undefined>();
    const { target, sent } = database({ n1: threads('1') });
    const { journal, clock, begin } = setUp([target]);
    await begin(kill(byUser('sue')));
    journal.hold = hold.promise.then(() => undefined);
    await quiet();
    clock.advance(13_000);
    hold.resolve(undefined);
    await quiet();
    expect(sent).toEqual([]);
    expect(journal.kinds).toContain('started');
  });
});
