import { Tick } from './parts.tsx';
import { IdCell, Value } from './process-cells.tsx';
import { usePlaced, type ProcessesProps } from './process-table.tsx';
import { keyOf } from './tree.ts';

const facts = [
  'node',
  'client',
  'database',
  'application',
  'command',
  'waitEvent',
  'idleSeconds',
  'busySeconds',
  'transactionSeconds',
  'ageSeconds',
] as const;

const words: Readonly<Record<(typeof facts)[number], string>> = {
  node: 'Node',
  client: 'Client',
  database: 'Database',
  application: 'Application',
  command: 'Command',
  waitEvent: 'Waits for',
  idleSeconds: 'Idle',
  busySeconds: 'Busy',
  transactionSeconds: 'Transaction',
  ageSeconds: 'Age',
};

/** The processes as cards, for a phone. */
export function ProcessCards(props: ProcessesProps) {
  const { selected, onSelect } = props;
  const { placed } = usePlaced(props);
  return (
    <ul className="cards">
      {placed.map(({ row, depth }) => {
        const key = keyOf(row);
        return (
          <li key={key} data-row={key} tabIndex={-1} className={selected.has(key) ? 'card selected' : 'card'}>
            <div className="card-head">
              <Tick
                label={`Select ${row.id} on ${row.target}`}
                checked={selected.has(key)}
                disabled={row.protected !== null}
                onChange={(checked) => {
                  onSelect([key], checked);
                }}
              />
              <strong>{row.user ?? row.id}</strong>
              <Value row={row} name="state" />
            </div>
            <p>
              {row.target} · <IdCell row={row} depth={depth} />
            </p>
            <dl>
              {facts
                .filter((name) => row[name] != null && row[name] !== '')
                .map((name) => (
                  <div key={name}>
                    <dt>{words[name]}</dt>
                    <dd>
                      <Value row={row} name={name} />
                    </dd>
                  </div>
                ))}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}
