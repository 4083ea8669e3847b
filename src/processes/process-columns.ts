import type { Process } from '../core/model/process.js';
import type { Column } from '../platform/http/listed.js';

const names = [
  'target',
  'backend',
  'node',
  'id',
  'user',
  'client',
  'database',
  'application',
  'command',
  'state',
  'idleSeconds',
  'busySeconds',
  'ageSeconds',
  'transactionSeconds',
  'waitEvent',
  'blockedBy',
  'statementId',
  'draining',
  'protected',
  'statement',
] as const satisfies readonly (keyof Process)[];

/** The columns of processes as CSV, in their order. Ids in one cell are separated by spaces. */
export const processColumns: readonly Column<Process>[] = names.map((name) => [
  name,
  (process) => (name === 'blockedBy' ? process.blockedBy?.join(' ') : process[name]),
]);
