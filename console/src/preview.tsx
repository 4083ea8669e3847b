import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Decide } from './decide.tsx';
import { ProblemBox } from './parts.tsx';
import type { Planned } from './planned.ts';
import { callsOf } from './preview-calls.ts';
import { go, hrefOf } from './route.ts';
import { useSluice } from './session.ts';

/** A dry run, and the way to do just that. Only a plan is ever sent. */
export function PreviewPage({ query }: { readonly query: URLSearchParams }) {
  const sluice = useSluice();
  const text = query.toString();
  const calls = useMemo(() => callsOf(new URLSearchParams(text)), [text]);
  const plans = useQuery({
    queryKey: ['preview', text, calls],
    enabled: calls.length > 0,
    gcTime: 0,
    staleTime: Infinity,
    queryFn: async () => {
      const found: Planned[] = [];
      for (const call of calls) found.push({ call, preview: await sluice.plan(call), key: crypto.randomUUID() });
      return found;
    },
  });
  const again = () => void plans.refetch();
  return (
    <div className="page">
      <h1>Preview</h1>
      {calls.length === 0 && (
        <p className="empty">
          Nothing is selected. <a href={hrefOf('sessions')}>Back to the sessions</a>
        </p>
      )}
      {query.get('do') === 'flush' && <FlushChoice query={query} />}
      {plans.isFetching && <p role="status">Looking…</p>}
      {plans.error && !plans.isFetching && (
        <ProblemBox error={plans.error}>
          <button type="button" className="small" onClick={again}>
            Try again
          </button>
        </ProblemBox>
      )}
      {plans.data && !plans.isFetching && (
        <Decide key={plans.dataUpdatedAt} plans={plans.data} at={plans.dataUpdatedAt} onAgain={again} />
      )}
    </div>
  );
}

/** What kind of flush: spared is who is at work, or nobody. */
function FlushChoice({ query }: { readonly query: URLSearchParams }) {
  const isForced = query.get('mode') === 'forced';
  const choose = (mode: string) => {
    const next = new URLSearchParams(query);
    next.set('mode', mode);
    go('preview', next, true);
  };
  return (
    <fieldset className="choice">
      <legend>Flush {query.getAll('target').join(', ')}</legend>
      <label>
        <input
          type="radio"
          name="mode"
          checked={!isForced}
          onChange={() => {
            choose('graceful');
          }}
        />
        Graceful: ends idle sessions, and none that was seen executing something
      </label>
      <label>
        <input
          type="radio"
          name="mode"
          checked={isForced}
          onChange={() => {
            choose('forced');
          }}
        />
        Forced: ends everybody who is not protected
      </label>
    </fieldset>
  );
}
