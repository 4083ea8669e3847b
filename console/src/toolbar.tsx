import type { SortingState } from '@tanstack/react-table';
import type { LookedTarget } from '../../clients/typescript/src/sluice.ts';
import { canExclude, filtersOf } from './filter.ts';
import { useNow } from './media.ts';
import { go } from './route.ts';
import { counted, duration } from './words.ts';

/** How many fit, how fresh that is, and what can be done with all of them. */
export function Toolbar(props: {
  readonly query: URLSearchParams;
  readonly chosen: readonly string[];
  readonly matched: number;
  readonly at: number;
  readonly isPaused: boolean;
  readonly sorting: SortingState;
  readonly onSort: ((sorting: SortingState) => void) | null;
}) {
  const { query, chosen, matched, at, isPaused, sorting, onSort } = props;
  const now = useNow();
  const isNarrow = canExclude(query);
  const preview = (what: string, filters: readonly (readonly [string, string])[]) => {
    const asked = [
      ['do', what],
      ...chosen.map((name) => ['target', name]),
      ...filters.map(([name, value]) => [name, value]),
    ];
    go('preview', new URLSearchParams(asked));
  };
  return (
    <div className="toolbar">
      <p role="status">
        <strong>{counted(matched, 'session')}</strong>{' '}
        {filtersOf(query).length > 0 ? (matched === 1 ? 'fits' : 'fit') : 'connected'}
        {at > 0 && (
          <span className="quiet">
            {' '}
            · seen {duration((now - at) / 1000)} ago{isPaused ? ', paused while you select' : ''}
          </span>
        )}
      </p>
      {onSort && (
        <label className="sort-by">
          Sort by{' '}
          <select
            value={sorting[0]?.id ?? ''}
            onChange={({ target }) => {
              onSort(target.value === '' ? [] : [{ id: target.value, desc: true }]);
            }}
          >
            <option value="">target</option>
            <option value="idleSeconds">idle</option>
            <option value="busySeconds">busy</option>
            <option value="transactionSeconds">transaction</option>
            <option value="ageSeconds">age</option>
          </select>
        </label>
      )}
      <div className="actions">
        <button
          type="button"
          disabled={!isNarrow || matched === 0}
          title={isNarrow ? '' : 'Add a filter that leaves somebody out, or select rows.'}
          onClick={() => {
            preview('kill', filtersOf(query));
          }}
        >
          Preview ending all that fit
        </button>
        <button
          type="button"
          disabled={chosen.length === 0}
          onClick={() => {
            preview('flush', [['mode', 'graceful']]);
          }}
        >
          Preview a flush
        </button>
      </div>
    </div>
  );
}

/** Says in words where the list is not all there is. */
export function Wholeness({ seen, shown }: { readonly seen: readonly LookedTarget[]; readonly shown: number }) {
  const matched = seen.reduce((sum, one) => sum + (one.matched ?? 0), 0);
  const lines = seen.flatMap(({ target, status, complete, problem }) => {
    if (status === 'failed') return [`${target} cannot be seen: ${problem?.detail ?? 'it failed.'}`];
    return !complete ? [`The list of ${target} is not whole: more may be connected.`] : [];
  });
  if (matched > shown) lines.push(`The first ${shown} of ${matched} are shown. Add a filter to see the others.`);
  if (lines.length === 0) return null;
  return (
    <div className="banner tone-partial" role="status">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
