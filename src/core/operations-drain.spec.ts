import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.js';
import { Operations } from './operations.js';
import { Refusals } from './refusals.js';
import { inQuery } from './request.js';
import { everything } from './selection.js';
import { SpecJournal } from './spec-journal.js';
import { route, unrailed } from './spec-targets.js';
import type { Listing, Target } from './target.js';

describe('stopping', () => {
  it('waits for a kill that still looks, which then is refused before anything is sent or recorded', async () => {
    const looked = Promise.withResolvers<Listing>();
    const asked = Promise.withResolvers<undefined>();
    const sent: string[] = [];
    const node = { name: null, id: null, component: null };
    const target: Target = {
      name: 'orders',
      backend: 'taurusdb',
      labels: {},
      description: null,
      ...unrailed,
      facts: new Set(['user']),
      states: new Set(['idle']),
      isId: () => true,
      configuredNodes: [node],
      nodes: () => Promise.resolve([node]),
      lookMs: 15_000,
      look: () => {
        asked.resolve(undefined);
        return looked.promise;
      },
      kill: {
        call: 'kill',
        route,
        batch: 20,
        run: (_node, refs) => {
          sent.push(...refs.map(({ id }) => id));
          return Promise.reject(new Error('nothing was to be sent'));
        },
      },
    };
    const journal = new SpecJournal();
    const operations = new Operations(journal, systemClock, 'replica-1');
    const targets = { all: [target], named: () => target };
    const grants = [{ role: 'operator' as const, matches: () => true, statements: false }];
    const begun = operations.begin(
      { targets, caller: { name: 'app', grants }, refusals: new Refusals(), place: inQuery },
      {
        kind: 'processes.kill',
        targets: ['orders'],
        selection: { ...everything, ids: ['1'] },
        plan: null,
        max: null,
        dryRun: false,
        reason: null,
        onBehalfOf: null,
      },
      { requestId: 'r1', key: null, answerBy: Date.now() },
    );
    await asked.promise;
    let isDrained = false;
    const drained = operations.drain().then(() => {
      isDrained = true;
    });
    await systemClock.sleep(0);
    expect(isDrained).toBe(false);
    looked.resolve({ processes: [], complete: true, at: new Date() });
    await expect(begun).rejects.toMatchObject({ kind: 'draining', sent: 'never' });
    await drained;
    expect([...sent, ...journal.kinds]).toEqual([]);
  });
});
