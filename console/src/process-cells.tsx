import { Chip } from './parts.tsx';
import type { Placed, Row } from './tree.ts';
import { duration } from './words.ts';

/** The id, by whom it is blocked, and why it is protected. Where its blocker is shown, it stands below it. */
export function IdCell({ row, depth }: Placed) {
  const waitsFor = row.blockedBy ?? [];
  return (
    <span className={`id depth-${Math.min(depth, 5)}`}>
      {depth > 0 && <span aria-hidden="true">└ </span>}
      <code>{row.id}</code>
      {waitsFor.length > 0 && (
        <span className={depth > 0 ? 'hidden' : 'quiet'}> is blocked by {waitsFor.join(', ')}</span>
      )}
      {row.protected !== null && <Chip tone="skipped">protected: {row.protected}</Chip>}
      {row.draining === true && <Chip tone="deferred">draining</Chip>}
    </span>
  );
}

/** One fact of a process. */
export function Value({ row, name }: { readonly row: Partial<Row>; readonly name: string }) {
  const value = row[name as keyof Row];
  if (typeof value === 'number' && name.endsWith('Seconds')) return <>{duration(value)}</>;
  if (typeof value !== 'string') return null;
  if (name === 'state') return <Chip tone={`state-${value}`}>{stateWords[value] ?? value}</Chip>;
  if (name !== 'node') return <>{value}</>;
  return (
    <span className="node" title={value}>
      {value}
    </span>
  );
}

const stateWords: Readonly<Record<string, string>> = { idleInTransaction: 'idle in transaction' };
