import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { countOf, isByVendor, touchedTargets } from './planned.ts';
import { Budget, LeftOut } from './preview-notes.tsx';
import { Value } from './process-cells.tsx';
import { counted, remedyOf } from './words.ts';

type Foreseen = NonNullable<Operation['victims']>[number];
const facts = [
  ...['id', 'user', 'state', 'idleSeconds', 'busySeconds', 'transactionSeconds', 'ageSeconds'],
  ...['client', 'database', 'application', 'command', 'target', 'node'],
] as readonly (keyof Foreseen)[];
const names: Readonly<Record<string, string>> = {
  idleSeconds: 'Idle',
  busySeconds: 'Busy',
  transactionSeconds: 'Transaction',
  ageSeconds: 'Age',
};

/** What one dry run found: whom, what is protected and why, the calls, and what refuses it. */
export function ForeseenPart({ operation }: { readonly operation: Operation }) {
  const { victims, protected: spared, calls, filterText, refusal, planNote, targets } = operation;
  const skipped = targets.flatMap(({ items }) => items.filter(({ outcome }) => outcome === 'skipped'));
  const touched = touchedTargets(operation).map(({ target }) => target);
  // Where the plan leaves out everybody, the preview is still one of all targets.
  const names = (touched.length > 0 ? touched : targets.map(({ target }) => target)).join(', ');
  const sent = (calls ?? []).filter(({ target }) => touched.includes(target));
  return (
    <section className="foreseen" aria-label={`Preview on ${names}`}>
      <h2>
        {titleOf(operation)} on {names}
      </h2>
      {filterText != null && <p>Chosen: {filterText}.</p>}
      {refusal && (
        <div className="banner tone-failed" role="alert">
          <p>
            <strong>
              {refusal.code === 'approval-required' ? 'Somebody else must approve this.' : 'This would be refused.'}
            </strong>{' '}
            {refusal.detail}
          </p>
          {(refusal.errors ?? [])
            .filter(({ message }) => !refusal.detail.includes(message))
            .map(({ message }) => (
              <p key={message}>{message}</p>
            ))}
          {remedyOf(refusal.code) !== '' && <p>What would pass: {remedyOf(refusal.code)}</p>}
        </div>
      )}
      {planNote != null && !refusal && <p className="banner tone-partial">{planNote}</p>}
      <LeftOut operation={operation} />
      {targets.map(({ target, note }) =>
        note == null || !touched.includes(target) ? null : (
          <p key={target} className="quiet">
            {target}: {note}
          </p>
        ),
      )}
      <Budget operation={operation} />
      <People title={refusal ? 'Fit' : 'Would end'} people={victims ?? []} />
      <People title="Protected, and left alone" people={spared ?? []} />
      {skipped.length > 0 && (
        <p>Left alone though named: {skipped.map(({ id, why }) => `${id} (${why ?? ''})`).join(', ')}</p>
      )}
      {sent.length > 0 && (
        <details>
          <summary>{counted(sent.length, 'call')} to the vendor</summary>
          <ul>
            {sent.map(({ target, node, method, path, ids }) => (
              <li key={`${target} ${node ?? ''} ${method} ${path}`}>
                <code>
                  {method} {path}
                </code>{' '}
                on {target}
                {node === null ? '' : `, ${node}`}
                {ids ? `: ${ids} of its sessions` : ''}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function titleOf(operation: Operation): string {
  if (isByVendor(operation)) return 'The vendor chooses whom it ends';
  const wouldEnd = countOf(operation);
  if (operation.refusal) return `${counted(wouldEnd, 'session')} ${wouldEnd === 1 ? 'fits' : 'fit'}`;
  return `${counted(wouldEnd, 'session')} would end`;
}

function People({
  title,
  people,
}: {
  readonly title: string;
  readonly people: readonly (Partial<Foreseen> & { readonly why?: string | null })[];
}) {
  if (people.length === 0) return null;
  // What is the same of all, and stands above the table, is left out of it.
  const isShown = (name: keyof Foreseen) =>
    name === 'target'
      ? new Set(people.map(({ target }) => target)).size > 1
      : people.some((one) => one[name] != null && one[name] !== '');
  const shown = facts.filter(isShown);
  const known = people.slice(0, 100);
  return (
    <>
      <h3>
        {title} ({people.length})
      </h3>
      <div className="table-box" role="region" aria-label={title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {shown.map((name) => (
                <th key={name} scope="col" className={name in names ? 'number' : ''}>
                  {names[name] ?? `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`}
                </th>
              ))}
              {people.some(({ why }) => why) && <th scope="col">Why</th>}
            </tr>
          </thead>
          <tbody>
            {known.map((one) => (
              <tr key={`${one.target ?? ''} ${one.node ?? ''} ${one.id ?? ''}`}>
                {shown.map((name) => (
                  <td key={name} className={name in names ? 'number' : ''}>
                    <Value row={one} name={name} />
                  </td>
                ))}
                {people.some(({ why }) => why) && <td>{one.why}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {people.length > known.length && <p>and {people.length - known.length} more</p>}
    </>
  );
}
