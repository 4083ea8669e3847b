import { useQuery } from '@tanstack/react-query';
import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { leftOutTargets, touchedTargets } from './planned.ts';
import { hrefOf } from './route.ts';
import { useSluice } from './session.ts';
import { counted } from './words.ts';

/** Says which targets the plan leaves out, and why. */
export function LeftOut({ operation }: { readonly operation: Operation }) {
  const failed = operation.plan ? operation.targets.filter(({ state }) => state === 'failed') : [];
  return (
    <>
      {leftOutTargets(operation).map(({ target, planNote }) => (
        <div key={target} className="banner tone-partial">
          <p>
            <strong>The plan leaves out {target}, and nothing is sent there.</strong> {planNote}
          </p>
          <p>
            <a href={flushOf(target, operation)}>Preview a flush of {target} alone</a>
          </p>
        </div>
      ))}
      {failed.map(({ target, problem }) => (
        <p key={target} className="banner tone-failed">
          <strong>The plan leaves out {target}, and nothing is sent there.</strong> {problem?.detail ?? 'It failed.'}
        </p>
      ))}
    </>
  );
}

/** How much of what may still be killed this minute the call takes. */
export function Budget({ operation }: { readonly operation: Operation }) {
  const sluice = useSluice();
  const isKill = operation.kind === 'processes.kill';
  const { data = [] } = useQuery({
    queryKey: ['targets'],
    enabled: isKill,
    queryFn: ({ signal }) => sluice.targets({ signal }),
  });
  if (!isKill) return null;
  return touchedTargets(operation).map(({ target, counts }) => {
    const left = data.find(({ name }) => name === target)?.limits.killsLeft ?? null;
    if (left === null) return null;
    return (
      <p key={target} className="quiet">
        {target} has {counted(left, 'kill')} left this minute; {operation.refusal ? 'this would take' : 'this takes'}{' '}
        {counts.wouldEnd ?? 0}.
      </p>
    );
  });
}

function flushOf(target: string, { mode }: Operation): string {
  return hrefOf('preview', new URLSearchParams({ do: 'flush', target, mode: mode ?? 'graceful' }));
}
