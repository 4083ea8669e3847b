import { useInfiniteQuery } from '@tanstack/react-query';
import type { OperationsQuery, OperationSummary } from '../../clients/typescript/src/sluice.ts';
import { CommandsOf } from './commands.tsx';
import { kindWords, stateNames } from './operation-words.ts';
import { Chip, ProblemBox } from './parts.tsx';
import { go, hrefOf } from './route.ts';
import { useSluice } from './session.ts';

const choices = {
  kind: ['processes.kill', 'sessions.flush', 'sessions.tune'],
  state: ['awaitingApproval', 'rejected', 'expired', 'running', 'succeeded', 'partial', 'failed', 'unknown'],
} as const;

const texts = [
  ['target', 'Target'],
  ['requestedBy', 'By'],
  ['processId', 'Process id'],
] as const;

/** What was done, newest first, by filters that stand in the address. */
export function HistoryPage({ query }: { readonly query: URLSearchParams }) {
  const sluice = useSluice();
  const asked = Object.fromEntries([...query].filter(([, value]) => value !== '')) as OperationsQuery;
  const list = useInfiniteQuery({
    queryKey: ['operations', asked],
    initialPageParam: null as string | null,
    refetchInterval: 5000,
    queryFn: ({ pageParam, signal }) =>
      sluice.operationPage(
        { ...asked, limit: 50, ...(pageParam === null ? {} : { pageToken: pageParam }) },
        { signal },
      ),
    getNextPageParam: ({ nextPageToken }) => nextPageToken,
  });
  const operations = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    go('operations', next, true);
  };
  return (
    <div className="page">
      <h1>History</h1>
      <form
        className="history-filter"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        {Object.entries(choices).map(([name, values]) => (
          <label key={name} className="field">
            {name === 'kind' ? 'What' : 'State'}
            <select
              value={query.get(name) ?? ''}
              onChange={({ target }) => {
                set(name, target.value);
              }}
            >
              <option value="">all</option>
              {values.map((value) => (
                <option key={value} value={value}>
                  {kindWords[value] ?? stateNames[value] ?? value}
                </option>
              ))}
            </select>
          </label>
        ))}
        {texts.map(([name, words]) => (
          <label key={name} className="field">
            {words}
            <input
              type="text"
              spellCheck={false}
              defaultValue={query.get(name) ?? ''}
              onBlur={({ target }) => {
                if (target.value !== (query.get(name) ?? '')) set(name, target.value.trim());
              }}
              onKeyDown={({ key, currentTarget }) => {
                if (key === 'Enter') set(name, currentTarget.value.trim());
              }}
            />
          </label>
        ))}
      </form>
      {list.error && <ProblemBox error={list.error} />}
      {list.data && operations.length === 0 && <p className="empty">Nothing was done that fits.</p>}
      <ul className="history">
        {operations.map((operation) => (
          <HistoryItem key={operation.id} operation={operation} />
        ))}
      </ul>
      {list.hasNextPage && (
        <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older ones
        </button>
      )}
    </div>
  );
}

/** Of these nothing can have ended. */
const hasNoEnd: readonly string[] = ['awaitingApproval', 'rejected', 'expired', 'planned'];

function HistoryItem({ operation }: { readonly operation: OperationSummary }) {
  const { id, kind, mode, state, requestedBy, onBehalfOf, reason, createdAt, targets, counts } = operation;
  return (
    <li>
      <div className="history-head">
        <a href={hrefOf(`operations/${id}`)}>
          {kindWords[kind] ?? kind}
          {mode == null ? '' : `, ${mode}`} on {targets.map(({ target }) => target).join(', ')}
        </a>
        <Chip tone={state}>{stateNames[state] ?? state}</Chip>
        {operation.breakGlass && <Chip tone="emergency">broke the glass</Chip>}
        {counts.ended !== null && !hasNoEnd.includes(state) && kind !== 'sessions.tune' && (
          <span>{counts.ended} ended</span>
        )}
        {(counts.deferred ?? 0) > 0 && <span>{counts.deferred} marked to end</span>}
        {(counts.unknown ?? 0) > 0 && <Chip tone="unknown">{counts.unknown} unknown</Chip>}
      </div>
      <p className="quiet">
        {new Date(createdAt).toLocaleString()} · {requestedBy}
        {onBehalfOf == null ? '' : ` for ${onBehalfOf}`}
        {reason == null ? '' : ` · “${reason}”`}
      </p>
      {kind !== 'sessions.tune' && <CommandsOf id={id} />}
    </li>
  );
}
