import { useRef, useState, type SyntheticEvent } from 'react';
import { filterNames, filtersOf, readFilter, withFilter, withoutFilter } from './filter.ts';
import { useKeys } from './keys.ts';
import { duration } from './words.ts';

const offered: readonly (readonly [words: string, name: string, value: string])[] = [
  ['idle', 'state', 'idle'],
  ['active', 'state', 'active'],
  ['idle in transaction', 'state', 'idleInTransaction'],
  ['idle for 10 min', 'minIdleSeconds', '600'],
  ['blocks others', 'blocking', 'true'],
  ['busy for 10 min', 'minBusySeconds', '600'],
];

/** The filter: the API's own grammar, as chips. */
export function FilterBar(props: {
  readonly query: URLSearchParams;
  readonly onChange: (query: URLSearchParams) => void;
}) {
  const { query, onChange } = props;
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const read = readFilter(text);
    if ('wrong' in read) {
      setWrong(read.wrong);
      return;
    }
    setWrong(null);
    setText('');
    onChange(withFilter(query, read.name, read.value));
  };

  return (
    <div className="filter">
      <form onSubmit={submit} role="search">
        <label>
          <span className="hidden">Filter</span>
          <input
            ref={input}
            type="text"
            list="filters"
            value={text}
            placeholder="user=orders_*   (press /)"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            aria-invalid={wrong !== null}
            aria-describedby={wrong === null ? undefined : 'filter-wrong'}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        </label>
        <datalist id="filters">
          {['label', ...filterNames].map((name) => (
            <option key={name} value={`${name}=`} />
          ))}
        </datalist>
        <button type="submit" className="small">
          Add filter
        </button>
      </form>
      {wrong !== null && (
        <p id="filter-wrong" className="wrong" role="alert">
          {wrong}
        </p>
      )}
      <div className="chips">
        {filtersOf(query).map(([name, value]) => (
          <button
            key={`${name}=${value}`}
            type="button"
            className="chip-button"
            aria-label={`Remove the filter ${name}=${value}`}
            onClick={() => {
              onChange(withoutFilter(query, name, value));
            }}
          >
            {name}={value}
            {name.endsWith('Seconds') ? ` (${duration(Number(value))})` : ''} <span aria-hidden="true">×</span>
          </button>
        ))}
        {offered
          .filter(([, name, value]) => !query.getAll(name).includes(value))
          .map(([words, name, value]) => (
            <button
              key={words}
              type="button"
              className="offer"
              onClick={() => {
                onChange(withFilter(query, name, value));
              }}
            >
              + {words}
            </button>
          ))}
      </div>
    </div>
  );
}
