import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemBox } from './parts.tsx';
import type { Planned } from './planned.ts';
import { ReasonField } from './reason-field.tsx';
import { go } from './route.ts';
import { useSluice } from './session.ts';

/** Asks somebody else to approve what is refused without an approval. Nothing is sent before that. */
export function AskApproval({ planned: { call, key } }: { readonly planned: Planned }) {
  const sluice = useSluice();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const ask = useMutation({
    mutationFn: () => {
      const why = { approval: 'request', reason: reason.trim() } as const;
      const options = { idempotencyKey: key, untilEnd: false };
      return 'targets' in call ? sluice.flush({ ...call, ...why }, options) : sluice.kill({ ...call, ...why }, options);
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['operations'] });
      go(`operations/${id}`);
    },
  });
  return (
    <div className="decision">
      <p className="quiet">Somebody else can approve this. Nothing is sent before that.</p>
      <ReasonField value={reason} whyNeeded="Who approves it must know why." onChange={setReason} />
      {ask.error && <ProblemBox error={ask.error} />}
      <div className="actions">
        <button
          type="button"
          className="primary"
          disabled={ask.isPending || reason.trim() === ''}
          onClick={() => {
            ask.mutate();
          }}
        >
          Ask for approval
        </button>
      </div>
    </div>
  );
}
