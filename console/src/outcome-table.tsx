import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { Chip } from './parts.tsx';

type Item = Operation['targets'][number]['items'][number];

const facts = ['node', 'user', 'client', 'database', 'application', 'command'] as const;

/** What came of each session. */
export function OutcomeTable({ items }: { readonly items: readonly Item[] }) {
  if (items.length === 0) return null;
  const shown = facts.filter((name) => items.some((item) => item[name] != null && item[name] !== ''));
  return (
    <div className="table-box" role="region" aria-label="Sessions of the operation" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col">Outcome</th>
            {shown.map((name) => (
              <th key={name} scope="col">
                {name[0]?.toUpperCase()}
                {name.slice(1)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.node ?? ''} ${item.id}`}>
              <td>
                <code>{item.id}</code>
              </td>
              <td>
                <Chip tone={item.outcome}>{outcomeWords[item.outcome] ?? item.outcome}</Chip>
                {item.why == null ? '' : <span className="quiet"> {whyWords[item.why] ?? item.why}</span>}
                {item.verified ? <span className="quiet"> seen to be gone</span> : ''}
              </td>
              {shown.map((name) => (
                <td key={name}>{item[name]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const outcomeWords: Readonly<Record<string, string>> = {
  notFound: 'gone already',
  skipped: 'left alone',
  wouldEnd: 'would end',
};

const whyWords: Readonly<Record<string, string>> = {
  noMatch: 'no longer fits',
  notListed: 'not listed any more',
  protected: 'protected',
  changed: 'another session by now, or at work',
  internal: "the vendor's own",
  notSent: 'not sent',
  notConfirmed: 'the vendor did not confirm it',
  cancelled: 'cancelled',
  readOnly: 'closed to changes meanwhile',
  frozen: 'frozen meanwhile',
  listCut: 'not listed, and the list is not whole',
};
