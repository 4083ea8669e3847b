import type { OperationSummary, Process, Target } from '../clients/typescript/src/sluice.ts';
import { shortDuration } from './duration.ts';
import type { Column } from './output.ts';

/** Members that newer versions of Sluice tell. */
interface NewerFacts {
  readonly transactionSeconds?: number | null;
  readonly blockedBy?: readonly string[] | null;
}

type Facts = Partial<Process> & Pick<Process, 'target' | 'id'> & NewerFacts;

/** A process for people. */
export const processColumns: readonly Column<Facts>[] = [
  ['TARGET', (process) => process.target],
  ['NODE', (process) => process.node],
  ['ID', (process) => process.id],
  ['USER', (process) => process.user],
  ['CLIENT', (process) => process.client],
  ['DATABASE', (process) => process.database],
  ['APPLICATION', (process) => process.application],
  ['COMMAND', (process) => process.command],
  ['STATE', (process) => process.state],
  ['IDLE', (process) => shortDuration(process.idleSeconds)],
  ['BUSY', (process) => shortDuration(process.busySeconds)],
  ['TRANSACTION', (process) => shortDuration(process.transactionSeconds)],
  ['AGE', (process) => shortDuration(process.ageSeconds)],
  ['BLOCKED BY', (process) => process.blockedBy?.join(' ')],
  ['DRAINING', (process) => (process.draining === true ? 'yes' : '')],
  ['PROTECTED', (process) => process.protected],
  ['STATEMENT', (process) => process.statement],
];

/** A process for programs: the columns of `GET /processes` as CSV. */
export const processFields: readonly Column<Facts>[] = (
  [
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
  ] as const
).map((name) => [
  name,
  (process) => {
    const value = process[name];
    return Array.isArray(value) ? value.join(' ') : value;
  },
]);

const labelsOf = ({ labels }: Target): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');

/** A target for people. */
export const targetColumns: readonly Column<Target>[] = [
  ['NAME', (target) => target.name],
  ['BACKEND', (target) => target.backend],
  ['HEALTH', ({ health }) => (health.code === null ? health.state : `${health.state}, ${health.code}`)],
  ['CLOSED', (target) => closedBy(target)],
  ['YOU MAY', (target) => target.may.join(', ')],
  ['LABELS', labelsOf],
  ['DESCRIPTION', (target) => target.description],
];

/** A target for programs. */
export const targetFields: readonly Column<Target>[] = [
  ['name', (target) => target.name],
  ['backend', (target) => target.backend],
  ['health', ({ health }) => health.state],
  ['readOnly', (target) => target.readOnly],
  ['may', (target) => target.may.join(' ')],
  ['labels', labelsOf],
];

function closedBy(target: Target & { readonly frozen?: unknown }): string {
  if (target.readOnly) return 'read-only';
  return target.frozen === undefined || target.frozen === null || target.frozen === false ? '' : 'frozen';
}

/** An operation for people. */
export const operationColumns: readonly Column<OperationSummary>[] = [
  ['ID', (operation) => operation.id],
  ['KIND', (operation) => operation.kind],
  ['STATE', (operation) => operation.state],
  ['BY', ({ requestedBy, onBehalfOf }) => (onBehalfOf ? `${requestedBy} for ${onBehalfOf}` : requestedBy)],
  ['AT', (operation) => operation.createdAt],
  ['TARGETS', ({ targets }) => targets.map(({ target }) => target).join(' ')],
  ['ENDED', ({ counts }) => counts.ended],
  ['REASON', (operation) => operation.reason],
  ['REFUSED', ({ problem }) => problem?.code],
  ['TIMES', ({ times }) => times],
];

/** An operation for programs. */
export const operationFields: readonly Column<OperationSummary>[] = [
  ['id', (operation) => operation.id],
  ['kind', (operation) => operation.kind],
  ['state', (operation) => operation.state],
  ['requestedBy', (operation) => operation.requestedBy],
  ['onBehalfOf', (operation) => operation.onBehalfOf],
  ['createdAt', (operation) => operation.createdAt],
  ['endedAt', (operation) => operation.endedAt],
  ['targets', ({ targets }) => targets.map(({ target }) => target).join(' ')],
  ['ended', ({ counts }) => counts.ended],
  ['failed', ({ counts }) => counts.failed],
  ['unknown', ({ counts }) => counts.unknown],
  ['reason', (operation) => operation.reason],
  ['code', ({ problem }) => problem?.code],
  ['times', ({ times }) => times],
];
