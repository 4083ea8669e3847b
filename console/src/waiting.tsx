import { useQuery } from '@tanstack/react-query';
import type { OperationSummary } from '../../clients/typescript/src/sluice.ts';
import { ApprovalForm, whyNot } from './approval.tsx';
import { kindWords } from './operation-words.ts';
import { ProblemBox } from './parts.tsx';
import { hrefOf } from './route.ts';
import { useMe, useSession } from './session.ts';

/** How many operations wait for this person: none that they asked for, or may not approve. */
export function useWaitingCount(): number {
  const me = useMe();
  const { data } = useWaiting(15_000);
  return (data?.items ?? []).filter((operation) => whyNot(operation, me) === null).length;
}

function useWaiting(everyMs: number) {
  const { sluice } = useSession();
  return useQuery({
    queryKey: ['operations', 'waiting'],
    enabled: sluice !== null,
    refetchInterval: everyMs,
    queryFn: ({ signal }) => sluice?.operationPage({ state: 'awaitingApproval', limit: 100 }, { signal }) ?? null,
  });
}

/** What somebody else asked for, and waits for an approval. */
export function WaitingPage() {
  const list = useWaiting(5000);
  const waiting = list.data?.items ?? [];
  return (
    <div className="page">
      <h1>Waiting for you</h1>
      {list.error && <ProblemBox error={list.error} />}
      {list.data && waiting.length === 0 && <p className="empty">Nothing waits for an approval.</p>}
      <ul className="history">
        {waiting.map((operation) => (
          <WaitingItem key={operation.id} operation={operation} />
        ))}
      </ul>
    </div>
  );
}

function WaitingItem({ operation }: { readonly operation: OperationSummary }) {
  const { id, kind, mode, requestedBy, onBehalfOf, reason, targets, counts, approval } = operation;
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
      <ApprovalForm operation={operation} />
    </li>
  );
}
