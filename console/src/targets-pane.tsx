import type { LookedTarget, Target } from '../../clients/typescript/src/sluice.ts';
import { useWide } from './media.ts';
import { Chip, Tick } from './parts.tsx';

/** The targets at the left: what is chosen, how they are, and how many were connected over the last minutes. */
export function TargetsPane(props: {
  readonly targets: readonly Target[];
  readonly chosen: readonly string[];
  readonly seen: readonly LookedTarget[];
  readonly history: ReadonlyMap<string, readonly number[]>;
  readonly labels: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
  readonly onLabel: (label: string, isChosen: boolean) => void;
}) {
  const { targets, chosen, seen, history, labels, onChoose, onLabel } = props;
  const known = [...new Set(targets.flatMap(labelsOf))].sort();
  const looked = targets.filter(canLook);
  const isWide = useWide();
  return (
    <aside aria-label="Targets">
      <details open={isWide}>
        <summary>
          <h2>Targets</h2>{' '}
          <span className="quiet">
            {chosen.length} of {looked.length} chosen
          </span>
        </summary>
        <div className="aside-head">
          <button
            type="button"
            className="small"
            onClick={() => {
              onChoose(looked.map(({ name }) => name));
            }}
          >
            All
          </button>
          <button
            type="button"
            className="small"
            onClick={() => {
              onChoose([]);
            }}
          >
            None
          </button>
        </div>
        {known.length > 0 && (
          <div className="labels" role="group" aria-label="Labels">
            {known.map((label) => (
              <button
                key={label}
                type="button"
                className="small"
                aria-pressed={labels.includes(label)}
                onClick={() => {
                  onLabel(label, !labels.includes(label));
                }}
              >
                {label}
              </button>
            ))}
          </div>
        )}
        <ul className="targets">
          {looked.map((target) => (
            <li key={target.name}>
              <Tick
                label={target.name}
                isShown
                checked={chosen.includes(target.name)}
                onChange={(isChosen) => {
                  onChoose(isChosen ? [...chosen, target.name] : chosen.filter((name) => name !== target.name));
                }}
              >
                <TargetLine target={target} seen={seen.find((one) => one.target === target.name)} />
              </Tick>
              <Line counts={history.get(target.name) ?? []} name={target.name} />
            </li>
          ))}
        </ul>
      </details>
    </aside>
  );
}

function TargetLine({ target, seen }: { readonly target: Target; readonly seen: LookedTarget | undefined }) {
  const { name, backend, health, readOnly, frozenUntil, description } = target;
  const isFailing = seen ? seen.status === 'failed' : health.state === 'failing';
  return (
    <span className="target-line" title={description ?? ''}>
      <span className="target-name">{name}</span>
      <span className="quiet">{backend}</span>
      {isFailing && <Chip tone="failed">failing</Chip>}
      {readOnly && <Chip tone="skipped">read-only</Chip>}
      {frozenUntil !== null && (
        <Chip tone="skipped">frozen until {new Date(frozenUntil).toLocaleTimeString([], { timeStyle: 'short' })}</Chip>
      )}
    </span>
  );
}

/** How many were connected, over the last minutes. */
function Line({ counts, name }: { readonly counts: readonly number[]; readonly name: string }) {
  const last = counts.at(-1);
  if (last === undefined) return null;
  const most = Math.max(...counts, 1);
  const step = 60 / Math.max(counts.length - 1, 1);
  const points = counts.map((count, index) => `${(index * step).toFixed(1)},${(18 - (count / most) * 16).toFixed(1)}`);
  return (
    <span className="line" title={`${name}: ${last} connected`}>
      <svg viewBox="0 0 60 20" width="60" height="20" aria-hidden="true">
        <polyline points={points.join(' ')} />
      </svg>
      <span>{last} connected</span>
    </span>
  );
}

/** Can the target be looked at? */
export function canLook({ abilities }: Target): boolean {
  return (abilities as string[]).includes('look');
}

/** The labels of a target as they are written: `env:prod`. */
export function labelsOf({ labels }: Target): string[] {
  return Object.entries(labels as Record<string, string>).map(([name, value]) => `${name}:${value}`);
}
