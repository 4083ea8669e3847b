import type { SortingState } from '@tanstack/react-table';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { LookQuery, Target } from '../../clients/typescript/src/sluice.ts';
import { selectionOf } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { useWide } from './media.ts';
import { ProblemBox } from './parts.tsx';
import { pick } from './picked.ts';
import { ProcessCards } from './process-cards.tsx';
import { ProcessTable } from './process-table.tsx';
import { go } from './route.ts';
import { SelectionBar } from './selection-bar.tsx';
import { useSluice } from './session.ts';
import { useConnected, useRowKeys } from './session-hooks.ts';
import { canLook, labelsOf, TargetsPane } from './targets-pane.tsx';
import { Toolbar, Wholeness } from './toolbar.tsx';
import { keyOf, type Row } from './tree.ts';

const most = 500;
const everyMs = 5000;

/** The page one lives on: who is connected, by targets and filters that stand in the address. */
export function SessionsPage({ query }: { readonly query: URLSearchParams }) {
  const sluice = useSluice();
  const isWide = useWide();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [sorting, setSorting] = useState<SortingState>([]);
  const isPaused = selected.size > 0;
  const targets = useQuery({
    queryKey: ['targets'],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => sluice.targets({ signal }),
  });
  const labels = query.getAll('label');
  const chosen = chosenOf(query, targets.data ?? [], labels);
  const [sort] = sorting;
  const order = sort?.desc === true ? { sort: `-${sort.id}` as '-idleSeconds' } : {};
  const asked = { ...selectionOf(query, chosen), ...order, limit: most } as LookQuery;
  const look = useQuery({
    queryKey: ['look', asked],
    enabled: chosen.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: isPaused ? false : everyMs,
    queryFn: ({ signal }) => sluice.look(asked, { signal }),
  });
  const rows: readonly Row[] = useMemo(
    () => (chosen.length === 0 ? [] : (look.data?.items ?? [])),
    [chosen.length, look.data],
  );
  const seen = look.data?.targets ?? [];
  const picked = rows.filter((row) => selected.has(keyOf(row)));

  const change = (next: URLSearchParams) => {
    setSelected(new Set());
    go('sessions', next, true);
  };
  const preview = () => {
    if (picked.length === 0) return;
    pick(picked);
    go('preview', new URLSearchParams({ do: 'picked' }));
  };
  const select = (keys: readonly string[], isSelected: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      for (const key of keys)
        if (isSelected) next.add(key);
        else next.delete(key);
      return next;
    });
  };
  useRowKeys(rows, selected, select, preview);

  const list = { rows, selected, onSelect: select, sorting, onSort: setSorting };
  return (
    <div className="sessions">
      <TargetsPane
        targets={targets.data ?? []}
        chosen={chosen}
        seen={seen}
        labels={labels}
        history={useConnected(seen)}
        onChoose={(names) => {
          change(withTargets(query, names));
        }}
        onLabel={(label, isChosen) => {
          change(withLabel(query, label, isChosen));
        }}
      />
      <section className="list" aria-label="Sessions">
        <h1 className="hidden">Sessions</h1>
        <FilterBar query={query} onChange={change} />
        {look.error && (
          <ProblemBox error={look.error}>
            {look.data && (
              <p>What you see is from {new Date(look.dataUpdatedAt).toLocaleTimeString()}. Trying again every 5 s.</p>
            )}
          </ProblemBox>
        )}
        {targets.error && !look.error && <ProblemBox error={targets.error} />}
        {!look.error && <Wholeness seen={seen} shown={rows.length} />}
        <Toolbar
          query={query}
          chosen={chosen}
          matched={seen.reduce((sum, one) => sum + (one.matched ?? 0), 0)}
          at={look.dataUpdatedAt}
          isPaused={isPaused}
          sorting={sorting}
          onSort={isWide ? null : setSorting}
        />
        {chosen.length === 0 && targets.data && <p className="empty">Choose a target.</p>}
        {chosen.length > 0 && look.data && rows.length === 0 && <p className="empty">No session fits.</p>}
        {rows.length > 0 && (isWide ? <ProcessTable {...list} /> : <ProcessCards {...list} />)}
        <SelectionBar
          rows={picked}
          onClear={() => {
            setSelected(new Set());
          }}
          onPreview={preview}
        />
      </section>
    </div>
  );
}

function chosenOf(query: URLSearchParams, targets: readonly Target[], labels: readonly string[]): string[] {
  if (labels.length > 0) {
    return targets
      .filter((target) => canLook(target) && labels.every((label) => labelsOf(target).includes(label)))
      .map(({ name }) => name);
  }
  if (query.has('target')) return query.getAll('target').filter((name) => name !== '');
  return targets.filter(canLook).map(({ name }) => name);
}

function withTargets(query: URLSearchParams, names: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(query);
  next.delete('target');
  next.delete('label');
  for (const name of names.length === 0 ? [''] : names) next.append('target', name);
  return next;
}

function withLabel(query: URLSearchParams, label: string, isChosen: boolean): URLSearchParams {
  const next = new URLSearchParams(query);
  next.delete('target');
  if (isChosen) next.append('label', label);
  else next.delete('label', label);
  return next;
}
