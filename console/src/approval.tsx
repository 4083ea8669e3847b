import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Me, Operation } from '../../clients/typescript/src/sluice.ts';
import { ProblemBox } from './parts.tsx';
import { mayApprove } from './rights.ts';
import { go } from './route.ts';
import { useMe, useSluice } from './session.ts';

/** An operation that waits for an approval, as a list or its record tells it. */
type Awaiting = Pick<Operation, 'id' | 'requestedBy' | 'approval'>;

/** Why somebody cannot approve an operation; null if they can. */
export function whyNot({ requestedBy, approval }: Awaiting, me: Me | null): string | null {
  const { notBy = [], targets = [] } = approval?.needs ?? {};
  if (requestedBy === me?.name) return 'You asked for it: somebody else must approve it.';
  const names = [me?.name, me?.displayName].map((name) => name?.toLowerCase());
  if (notBy.some((name) => names.includes(name.toLowerCase()))) {
    return 'It was asked for you: somebody else must approve it.';
  }
  return mayApprove(me, targets) ? null : 'Your grants do not let you approve it.';
}

/** Approves what somebody else asked for, or says no to it; or says why this person cannot. */
export function ApprovalForm({ operation }: { readonly operation: Awaiting }) {
  const { id } = operation;
  const me = useMe();
  const sluice = useSluice();
  const client = useQueryClient();
  const [why, setWhy] = useState('');
  const decide = useMutation({
    mutationFn: (verb: 'approve' | 'reject') => sluice[verb](id, why.trim() === '' ? {} : { reason: why.trim() }),
    onSuccess: () => {
      go(`operations/${id}`);
    },
    onSettled: () =>
      Promise.all(['operations', 'operation'].map((name) => client.invalidateQueries({ queryKey: [name] }))),
  });
  const hindrance = whyNot(operation, me);
  if (hindrance !== null) return <p className="quiet">{hindrance}</p>;
  const button = (verb: 'approve' | 'reject', words: string, look: string) => (
    <button
      type="button"
      className={look}
      disabled={decide.isPending}
      onClick={() => {
        decide.mutate(verb);
      }}
    >
      {words}
    </button>
  );
  return (
    <div className="decision">
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
      </label>
      <div className="actions">
        {button('reject', 'Reject', '')}
        {button('approve', 'Approve', 'danger')}
      </div>
      {decide.error && <ProblemBox error={decide.error} />}
    </div>
  );
}
