import { describe, expect, it } from '@jest/globals';
import type { MutatingRequest } from '../model/request.js';
import { flush, kill, patterns, tune } from '../engine/spec-engine.js';
import { tellRequest } from './selection-text.js';

const plan = { id: 'plan_1', expiresAt: 0, victims: new Map(), byFilter: true, nodes: new Map() };

describe('tellRequest', () => {
  it.each<[string, MutatingRequest]>([
    ['id is 1 or 2; at n1, on orders', kill({ ids: ['1', '2'], nodes: ['n1'] })],
    [
      'user is app_* or web_* and is not app_admin nor root; database is not sys, on orders, ledger',
      kill(
        { text: { user: patterns('app_*', '!app_admin', 'web_*', '!root'), database: patterns('!sys') } },
        { targets: ['orders', 'ledger'] },
      ),
    ],
    ['state is idle and is not active, on orders', kill({ states: { includes: ['idle'], excludes: ['active'] } })],
    [
      'idle for at least 60 s; busy for at least 0 s; connected for at least 5 s, on orders',
      kill({ minimums: { ageSeconds: 5, idleSeconds: 60, busySeconds: 0 } }),
    ],
    ['every process, on orders', kill({})],
    ['those that the plan plan_1 fixed, on orders', kill({ ids: ['1'] }, { plan })],
    ['those that the plan plan_1 fixed, on orders', flush(['orders'], { plan })],
    ['every process at n1, on orders', flush(['orders'], { mode: 'forced', node: 'n1' })],
    ['every process that is not executing anything, for at least 60 s where that is known, on a, b', flush(['a', 'b'])],
    [
      'every process that is not executing anything, for at least 0 s where that is known, on a',
      flush(['a'], { minIdleSeconds: 0 }),
    ],
    ['the session of bi-user', tune],
  ])('says %j', (text, request) => {
    expect(tellRequest(request)).toBe(text);
  });
});
