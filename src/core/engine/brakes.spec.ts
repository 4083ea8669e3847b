import { describe, expect, it } from '@jest/globals';
import { quiet, start, storeDown } from '../record/spec-journal.js';
import type { Freeze } from '../model/freeze.js';
import { allEnded, database, done, pool, recordOf } from '../model/spec-targets.js';
import type { Done, Target } from '../model/target.js';
import { flush, kill, outcomes, setUp, threads, type Setting } from './spec-engine.js';

const request = { at: start, requestedBy: 'ops', reason: 'the wrong one' };

const frozen: Freeze = {
  ...{ id: 'frz_1', targets: ['orders'], labels: null, reason: '', requestedBy: 'ops' },
  ...{ createdAt: start, until: start + 600_000 },
};

/** A kill of three, one a call, of which the first is on its way until it is let go. */
async function begun(monotonic?: () => number): Promise<{
  readonly setting: Setting;
  readonly id: string;
  readonly sent: string[];
  readonly release: () => void;
}> {
  const held = Promise.withResolvers<undefined>();
  const sent: string[] = [];
  const { target } = database({ n1: threads('1', '2', '3') });
  const own: Target = {
    ...target,
    kill: {
      call: 'kill',
      route: { method: 'DELETE', path: '/' },
      batch: 1,
      tellsNotFound: true,
      run: async (_node, refs) => {
        sent.push(...refs.map(({ id }) => id));
        await held.promise;
        return { call: recordOf('kill', 'n1', null), ended: allEnded(refs.map(({ id }) => id)) };
      },
    },
  };
  const setting = setUp([own], {}, monotonic ? { monotonic } : {});
  const id = await setting.begin(kill({ ids: ['1', '2', '3'] }));
  await quiet();
  return {
    setting,
    id,
    sent,
    release: () => {
      held.resolve(undefined);
    },
  };
}

async function handleOf({ operations }: Setting, id: string) {
  const handle = await operations.find(id, 'ops');
  if (!handle) throw new Error('It is gone.');
  return handle;
}

describe('an operation that is cancelled', () => {
  it('sends nothing more, and tells what was sent as it is', async () => {
    const { setting, id, sent, release } = await begun();
    await (await handleOf(setting, id)).cancel(setting.journal.brakes, request);
    release();
    await quiet();
    expect(sent).toEqual(['1']);
    const operation = await setting.operations.read(id);
    expect(operation && outcomes(operation)).toEqual(['1 ended', '2 skipped cancelled', '3 skipped cancelled']);
    expect(operation).toMatchObject({ state: 'partial', cancelled: { requestedBy: 'ops', reason: 'the wrong one' } });
    // What was not ended is left in the budget.
    expect(await setting.journal.spent('orders', setting.clock.now())).toBe(1);
  });

  it('is stopped by another replica, which answers once its own has heard of it', async () => {
    const { setting, id, sent, release } = await begun();
    const other = setUp(setting.targets, {}, { journal: setting.journal, clock: setting.clock, owner: 'replica-2' });
    setting.keep();
    let isAnswered = false;
    const cancelled = (await handleOf(other, id)).cancel(other.journal.brakes, request).then(() => {
      isAnswered = true;
    });
    await quiet();
    expect(isAnswered).toBe(false);
    await setting.clock.pass(2000);
    await cancelled;
    release();
    await quiet();
    expect(sent).toEqual(['1']);
  });

  it('is cancelled once, and not when it is over', async () => {
    const { setting, id, release } = await begun();
    const handle = await handleOf(setting, id);
    await handle.cancel(setting.journal.brakes, request);
    await handle.cancel(setting.journal.brakes, { ...request, reason: 'another' });
    release();
    await quiet();
    expect(await setting.operations.read(id)).toMatchObject({ cancelled: { reason: 'the wrong one' } });
    const ended = await setting.run(kill({ ids: ['2'] }));
    await expect((await handleOf(setting, ended.id)).cancel(setting.journal.brakes, request)).rejects.toMatchObject({
      kind: 'operation-over',
    });
  });

  it('fails where the vendor’s own call was not sent yet', async () => {
    const calls: string[] = [];
    const target = pool('carts', () => {
      calls.push('flushpool');
      return Promise.resolve(done('flushpool'));
    });
    const setting = setUp([target]);
    const id = await setting.begin(flush(['carts']));
    // The event that says that it will be sent is being written.
    await (await handleOf(setting, id)).cancel(setting.journal.brakes, request);
    await quiet();
    expect(calls).toEqual([]);
    expect(await setting.operations.read(id)).toMatchObject({
      state: 'failed',
      targets: [{ problem: { code: 'cancelled', status: 409 }, effect: 'none' }],
    });
  });
});

describe('what stops the batches that were not sent yet', () => {
  it('is a freeze', async () => {
    const { setting, id, sent, release } = await begun();
    await setting.operations.brakes.freeze(frozen);
    release();
    await quiet();
    expect(sent).toEqual(['1']);
    const operation = await setting.operations.read(id);
    expect(operation && outcomes(operation)).toEqual(['1 ended', '2 skipped frozen', '3 skipped frozen']);
  });

  it('is a freeze of another replica that came while this one stood still', async () => {
    let standstill = 0;
    const { setting, id, sent, release } = await begun(() => standstill);
    await setting.journal.brakes.freeze(frozen);
    standstill = 2001;
    release();
    await quiet();
    expect(sent).toEqual(['1']);
    const operation = await setting.operations.read(id);
    expect(operation && outcomes(operation)).toEqual(['1 ended', '2 skipped frozen', '3 skipped frozen']);
  });

  it('is a cancel that another replica was asked for while this one stood still', async () => {
    let standstill = 0;
    const { setting, id, sent, release } = await begun(() => standstill);
    setting.keep();
    await quiet();
    await setting.journal.brakes.requestCancel(id, request);
    standstill = 2001;
    release();
    await quiet();
    expect(sent).toEqual(['1']);
  });

  it('is that nobody can say whether there is a freeze', async () => {
    let standstill = 0;
    const { setting, id, sent, release } = await begun(() => standstill);
    setting.journal.brakes.freezes = () => Promise.reject(storeDown);
    standstill = 2001;
    release();
    await quiet();
    expect(sent).toEqual(['1']);
    const operation = await setting.operations.read(id);
    expect(operation && outcomes(operation)).toEqual(['1 ended', '2 failed', '3 failed notSent']);
  });

  it('is a freeze that was begun here while an older list of them was on its way', async () => {
    const { setting, sent, release } = await begun();
    const { brakes } = setting.journal;
    const freezes = brakes.freezes.bind(brakes);
    const held = Promise.withResolvers<undefined>();
    brakes.freezes = async (now) => {
      const found = await freezes(now);
      await held.promise;
      return found;
    };
    const looking = setting.operations.brakes.look();
    await quiet();
    await setting.operations.brakes.freeze(frozen);
    held.resolve(undefined);
    await looking;
    release();
    await quiet();
    expect(sent).toEqual(['1']);
  });

  it('is a target that has become read-only since', async () => {
    const { setting, id, release } = await begun();
    const changed = setting.targets.map((target) => ({
      ...target,
      safeguards: { ...target.safeguards, readOnly: true },
    }));
    setting.operations.keep(() => ({ all: changed, named: (name) => changed.find((one) => one.name === name) }));
    release();
    await quiet();
    const operation = await setting.operations.read(id);
    expect(operation && outcomes(operation)).toEqual(['1 ended', '2 skipped readOnly', '3 skipped readOnly']);
  });
});

describe('the flush lock of a target', () => {
  it('ends with its part, not with the call', async () => {
    const slow = Promise.withResolvers<Done>();
    const setting = setUp([pool('slow', () => slow.promise), pool('quick', () => Promise.resolve(done('flushpool')))]);
    await setting.begin(flush(['slow', 'quick']));
    await quiet();
    expect(await setting.journal.held('flush', 'quick', setting.clock.now())).toBeUndefined();
    expect(await setting.journal.held('flush', 'slow', setting.clock.now())).toBeDefined();
    slow.resolve(done('flushpool'));
    await quiet();
  });
});
