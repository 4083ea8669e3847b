import { describe, expect, it } from '@jest/globals';
import { quiet } from '../record/spec-journal.js';
import { allEnded, database, recordOf } from '../model/spec-targets.js';
import type { Target } from '../model/target.js';
import { failureOf, flush, kill, setUp, threads } from './spec-engine.js';

const names = (from: number, count: number) => Array.from({ length: count }, (_, index) => String(from + index));

/** Databases with so many threads each, the first of which waits for a while before it ends any. */
function databases(counts: readonly number[]) {
  const sent: string[] = [];
  const held = Promise.withResolvers<undefined>();
  const targets = counts.map((count, index): Target => {
    const { target } = database({ n1: threads(...names(index * 100_000 + 1, count)) });
    return {
      ...target,
      name: `db${String(index)}`,
      kill: {
        call: 'kill',
        route: { method: 'DELETE', path: '/' },
        batch: 100_000,
        tellsNotFound: true,
        run: async (_node, refs) => {
          sent.push(`db${String(index)}`);
          if (index === 0) await held.promise;
          const ids = refs.map(({ id }) => id);
          return { call: recordOf('kill', 'n1', null), ended: allEnded(ids) };
        },
      },
    };
  });
  return { targets, sent, release: held.resolve };
}

describe('an operation', () => {
  const forced = { mode: 'forced' as const, minIdleSeconds: null };

  it('is about 20,000 processes at most: what goes beyond is not sent', async () => {
    const { targets, sent, release } = databases([15_000, 15_000]);
    release(undefined);
    const operation = await setUp(targets).run(flush(['db0', 'db1'], forced));
    expect(sent).toHaveLength(1);
    expect(operation.state).toBe('partial');
    const failed = operation.targets.find(({ state }) => state === 'failed');
    expect(failed).toMatchObject({ effect: 'none', problem: { code: 'too-many-processes', status: 422 } });
  });

  it.each([
    ['chooses', 11_000, 2],
    ['looks at', 18_000, 3],
  ])('that %s too many is refused before it is recorded, where all are looked at first', async (_does, each, count) => {
    const { targets, sent } = databases(Array.from({ length: count }, () => each));
    const setting = setUp(targets);
    const all = targets.map(({ name }) => name);
    const sparing = { mode: 'graceful' as const, minIdleSeconds: 1_000_000 };
    const request = flush(all, { ...(count === 2 ? forced : sparing), dryRun: true });
    expect(await failureOf(setting.begin(request))).toMatchObject({ kind: 'too-many-processes', sent: 'never' });
    expect(sent).toEqual([]);
    expect(setting.journal.events).toEqual([]);
  });

  it('has no room while others see as much as there is room for, and gives its own back', async () => {
    const { targets, sent, release } = databases([3000, 3000]);
    const setting = setUp(targets, {}, { mostSeen: 5000 });
    await setting.begin(kill({ ids: ['1'] }, { targets: ['db0'] }));
    await quiet();
    const other = kill({ ids: ['100001'] }, { targets: ['db1'] });
    const refused = await failureOf(setting.begin(other));
    expect(refused).toMatchObject({ kind: 'overloaded', retryAfterMs: 1000 });
    expect(sent).toEqual(['db0']);
    release(undefined);
    await quiet();
    await setting.run(other);
    expect(sent).toEqual(['db0', 'db1']);
  });

  it('that needs more room than there is has it, once nobody else has any', async () => {
    const { targets, sent, release } = databases([3000]);
    release(undefined);
    await setUp(targets, {}, { mostSeen: 100 }).run(kill({ ids: ['1'] }, { targets: ['db0'] }));
    expect(sent).toEqual(['db0']);
  });
});
