import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { OperationSummary } from '../../clients/typescript/src/sluice.ts';
import { kindWords } from './operation.tsx';
import { ProblemBox } from './parts.tsx';
import { go, hrefOf } from './route.ts';
import { useMe, useSluice } from './session.ts';

/** What somebody else asked for, and waits for an approval. */
export function WaitingPage() {
  const sluice = useSluice();
  const me = useMe();
  const list = useQuery({
    queryKey: ['operations', 'waiting'],
    refetchInterval: 5000,
    queryFn: ({ signal }) => sluice.operationPage({ state: 'awaitingApproval', limit: 100 }, { signal }),
  });
  const waiting = list.data?.items ?? [];
  return (
    <div className="page">
      <h1>Waiting for you</h1>
      {list.error && <ProblemBox error={list.error} />}
      {list.data && waiting.length === 0 && <p className="empty">Nothing waits for an approval.</p>}
      <ul className="history">
        {waiting.map((operation) => (
          <WaitingItem key={operation.id} operation={operation} isOwn={operation.requestedBy === me?.name} />
        ))}
      </ul>
    </div>
  );
}

function WaitingItem({ operation, isOwn }: { readonly operation: OperationSummary; readonly isOwn: boolean }) {
  const { id, kind, mode, requestedBy, onBehalfOf, reason, targets, counts, approval } = operation;
  const sluice = useSluice();
  const client = useQueryClient();
  const [why, setWhy] = useState('');
  const decide = useMutation({
    mutationFn: (verb: 'approve' | 'reject') => sluice[verb](id, why.trim() === '' ? {} : { reason: why.trim() }),
    onSuccess: () => {
      go(`operations/${id}`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['operations'] }),
  });
  const button = (verb: 'approve' | 'reject', words: string) => (
    <button
      type="button"
      disabled={decide.isPending}
      onClick={() => {
        decide.mutate(verb);
      }}
    >
      {words}
    </button>
  );
  return (
    <li>
      <div className="history-head">
        <a href={hrefOf(`operations/${id}`)}>
          {kindWords[kind] ?? kind}
          {mode == null ? '' : `, ${mode}`} on {targets.map(({ target }) => target).join(', ')}
        </a>
        {counts.wouldEnd !== null && <span>{counts.wouldEnd} would end</span>}
      </div>
      <p className="quiet">
        {requestedBy}
        {onBehalfOf == null ? '' : ` for ${onBehalfOf}`}
        {reason == null ? '' : ` · “${reason}”`}
        {approval ? ` · until ${new Date(approval.expiresAt).toLocaleTimeString()}` : ''}
      </p>
      {isOwn ? (
        <p className="quiet">You asked for it: somebody else must approve it.</p>
      ) : (
        <p>
          <label className="field">
            Why
            <input
              type="text"
              maxLength={500}
              value={why}
              onChange={({ target }) => {
                setWhy(target.value);
              }}
            />
          </label>{' '}
          {button('approve', 'Approve')} {button('reject', 'Reject')}
        </p>
      )}
      {decide.error && <ProblemBox error={decide.error} />}
    </li>
  );
}
