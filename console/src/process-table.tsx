import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type SortingState,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import { Tick } from './parts.tsx';
import { IdCell, Value } from './process-cells.tsx';
import { blockTree, keyOf, type Placed, type Row } from './tree.ts';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const helper = createColumnHelper<typeof features, Row>();

const fact = (
  name: 'user' | 'client' | 'database' | 'application' | 'command' | 'waitEvent' | 'node' | 'target',
  header: string,
) => helper.accessor(name, { id: name, header, enableSorting: false });

const seconds = (name: 'idleSeconds' | 'busySeconds' | 'transactionSeconds' | 'ageSeconds', header: string) =>
  helper.accessor((row: Row) => row[name] ?? -1, { id: name, header, sortDescFirst: true });

const columns = helper.columns([
  fact('target', 'Target'),
  helper.accessor('id', { id: 'id', header: 'Id', enableSorting: false }),
  fact('user', 'User'),
  helper.accessor('state', { id: 'state', header: 'State', enableSorting: false }),
  seconds('idleSeconds', 'Idle'),
  seconds('busySeconds', 'Busy'),
  seconds('transactionSeconds', 'Transaction'),
  seconds('ageSeconds', 'Age'),
  fact('client', 'Client'),
  fact('application', 'Application'),
  fact('database', 'Database'),
  fact('command', 'Command'),
  fact('waitEvent', 'Waits for'),
  fact('node', 'Node'),
  helper.accessor('statement', { id: 'statement', header: 'Statement', enableSorting: false }),
]);

/** What the list of processes shows, and what it is told. */
export interface ProcessesProps {
  readonly rows: readonly Row[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (keys: readonly string[], isSelected: boolean) => void;
  readonly sorting: SortingState;
  readonly onSort: (sorting: SortingState) => void;
}

/** The rows in their order, who is blocked below who blocks it. */
export function usePlaced({ rows, sorting, onSort }: ProcessesProps) {
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({
    features,
    columns,
    data,
    getRowId: keyOf,
    state: { sorting },
    onSortingChange: (change) => {
      onSort(typeof change === 'function' ? change(sorting) : change);
    },
    enableSortingRemoval: true,
  });
  const sorted = table.getRowModel().rows.map(({ original }) => original);
  return { table, placed: blockTree(sorted) };
}

/** One table of all processes. Columns that nobody knows are left out. */
export function ProcessTable(props: ProcessesProps) {
  const { rows, selected, onSelect } = props;
  const { table, placed } = usePlaced(props);
  const free = placed.filter(({ row }) => row.protected === null).map(({ row }) => keyOf(row));
  const isOneTarget = new Set(rows.map(({ target }) => target)).size === 1;
  const isShown = (id: string) =>
    id === 'target'
      ? !isOneTarget
      : id === 'id' || rows.some((row) => row[id as keyof Row] != null && row[id as keyof Row] !== '');
  const headers = table
    .getHeaderGroups()
    .flatMap((group) => group.headers)
    .filter(({ column }) => isShown(column.id));
  return (
    <div className="table-box" role="region" aria-label="Processes" tabIndex={0}>
      <table>
        <caption className="hidden">Processes</caption>
        <thead>
          <tr>
            <th scope="col" className="narrow">
              <Tick
                label="Select all that are shown"
                checked={free.length > 0 && free.every((key) => selected.has(key))}
                disabled={free.length === 0}
                onChange={(isSelected) => {
                  onSelect(free, isSelected);
                }}
              />
            </th>
            {headers.map(({ column }) => {
              const sorted = column.getIsSorted();
              const name = String(column.columnDef.header);
              if (!column.getCanSort())
                return (
                  <th key={column.id} scope="col">
                    {name}
                  </th>
                );
              return (
                <th
                  key={column.id}
                  scope="col"
                  className="number"
                  aria-sort={sorted === 'desc' ? 'descending' : sorted === 'asc' ? 'ascending' : 'none'}
                >
                  <button
                    type="button"
                    className="sort"
                    onClick={() => {
                      column.toggleSorting();
                    }}
                  >
                    {name} <span aria-hidden="true">{sorted === 'desc' ? '↓' : sorted === 'asc' ? '↑' : '↕'}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {placed.map((one) => (
            <ProcessRow
              key={keyOf(one.row)}
              placed={one}
              shown={headers.map(({ column }) => column.id)}
              isSelected={selected.has(keyOf(one.row))}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ProcessRow(props: {
  readonly placed: Placed;
  readonly shown: readonly string[];
  readonly isSelected: boolean;
  readonly onSelect: ProcessesProps['onSelect'];
}) {
  const { placed, shown, isSelected, onSelect } = props;
  const { row, depth } = placed;
  const key = keyOf(row);
  return (
    <tr data-row={key} tabIndex={-1} className={isSelected ? 'selected' : ''}>
      <td className="narrow">
        <Tick
          label={`Select ${row.id} on ${row.target}`}
          checked={isSelected}
          disabled={row.protected !== null}
          onChange={(checked) => {
            onSelect([key], checked);
          }}
        />
      </td>
      {shown.map((id) => (
        <td key={id} className={id.endsWith('Seconds') ? 'number' : ''}>
          {id === 'id' ? <IdCell row={row} depth={depth} /> : <Value row={row} name={id} />}
        </td>
      ))}
    </tr>
  );
}
