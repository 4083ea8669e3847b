import { describe, expect, it } from '@jest/globals';
import { builderFor } from './builder.js';
import { listed, targetNames } from './listed.js';
import { openSqlite } from '../open.js';
import type { Statement } from './statement.js';

const limit = 2;

describe('what a viewer sees', () => {
  it.each([
    ['his own', listed(builderFor('sqlite'), { limit }, { madeBy: 'sue', targets: [] })],
    ['his own and others’', listed(builderFor('sqlite'), { limit }, { madeBy: 'sue', targets: ['a', 'b'] })],
    [
      'all that was done on a target',
      listed(builderFor('sqlite'), { limit, after: 'op', targets: ['a'] }, { madeBy: null, targets: ['a'] }),
    ],
    ['the names of targets', targetNames()],
  ] as const)('is found along indexes: %s', async (_name, statement: Statement) => {
    const database = await openSqlite(':memory:');
    const rows = await database.read({ ...statement, sql: `explain query plan ${statement.sql}` });
    await database.close();
    const steps = rows.map(({ detail }) => String(detail));
    expect(steps.join('\n')).toMatch(/USING (?:COVERING )?INDEX operation(?:s_requested_by|_targets_target)/);
    // What is gone through are the few that searches found.
    expect(steps.filter((step) => /^SCAN (?!found|every|names)/.test(step))).toEqual([]);
  });
});
