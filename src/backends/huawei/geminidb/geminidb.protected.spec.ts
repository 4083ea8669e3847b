import { expect, it } from '@jest/globals';
import { nobody } from '../../../core/model/spec-process.js';
import { protects } from './geminidb.protected.js';

it.each([
  ['psync', 'replication'],
  [' REPLCONF ', 'replication'],
  ['sync', 'replication'],
  ['monitor', null],
  ['get', null],
  [null, null],
])('the command %j: %s', (command, expected) => {
  expect(protects({ ...nobody, command })).toBe(expected);
});
