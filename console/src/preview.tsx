import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Decide } from './decide.tsx';
import { ProblemBox } from './parts.tsx';
import type { Planned } from './planned.ts';
import { callOf } from './preview-calls.ts';
import { go, hrefOf } from './route.ts';
import { useSluice } from './session.ts';

/** A dry run, and the way to do just that. Only a plan is ever sent. */
export function PreviewPage({ query }: { readonly query: URLSearchParams }) {
  const sluice = useSluice();
  const text = query.toString();
  const call = useMemo(() => callOf(new URLSearchParams(text)), [text]);
  const planned = useQuery({
    queryKey: ['preview', text, call],
    enabled: call !== null,
    gcTime: 0,
    staleTime: Infinity,
    queryFn: async (): Promise<Planned | null> =>
      call && { call, preview: await sluice.plan(call), key: crypto.randomUUID() },
  });
  const again = () => void planned.refetch();
  return (
    <div className="page">
      <h1>Preview</h1>
      {call === null && (
        <p className="empty">
          Nothing is selected. <a href={hrefOf('sessions')}>Back to the sessions</a>
        </p>
      )}
      {query.get('breakGlass') === 'true' && (
        <p className="banner tone-emergency">
          <strong>Emergency.</strong> No cap and no approval holds this back. Protections, read-only targets and freezes
          still hold.
        </p>
      )}
      {query.get('do') === 'flush' && query.get('breakGlass') === null && <FlushChoice query={query} />}
      {planned.isFetching && <p role="status">Looking…</p>}
      {planned.error && !planned.isFetching && (
        <ProblemBox error={planned.error}>
          <button type="button" className="small" onClick={again}>
            Try again
          </button>
        </ProblemBox>
      )}
      {planned.data && !planned.isFetching && (
        <Decide key={planned.dataUpdatedAt} planned={planned.data} at={planned.dataUpdatedAt} onAgain={again} />
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
