import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemBox } from './parts.tsx';
import { touchedTargets, type Planned } from './planned.ts';
import { ReasonField } from './reason-field.tsx';
import { mayBreakGlass } from './rights.ts';
import { go, hrefOf, useRoute } from './route.ts';
import { useMe, useSluice } from './session.ts';

/** What can be done about a refusal: a second person, or, where that is granted, an emergency. */
export function WaysOut({ planned }: { readonly planned: Planned }) {
  const me = useMe();
  const targets = touchedTargets(planned.preview.operation).map(({ target }) => target);
  return (
    <div className="ways-out">
      <AskSomebody planned={planned} />
      {mayBreakGlass(me, targets) && <EmergencyDoor />}
    </div>
  );
}

/** Asks somebody else to approve what is refused without an approval. Nothing is sent before that. */
function AskSomebody({ planned: { call, key } }: { readonly planned: Planned }) {
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
    <form
      className="decision"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <p className="quiet">Somebody else can approve this. Nothing is sent before that.</p>
      <ReasonField value={reason} whyNeeded="Who approves it must know why." onChange={setReason} />
      {ask.error && <ProblemBox error={ask.error} />}
      <div className="actions">
        <button type="submit" className="primary" disabled={ask.isPending || reason.trim() === ''}>
          Ask a second person
        </button>
      </div>
    </form>
  );
}

/** Leads to a preview of the emergency. It sends nothing that changes anything. */
function EmergencyDoor() {
  const { query } = useRoute();
  const next = new URLSearchParams(query);
  next.set('breakGlass', 'true');
  return (
    <section className="emergency-door" aria-label="Emergency">
      <h3>Nobody is there to approve it?</h3>
      <p>
        You may break the glass: it runs at once, and your name and reason go to the record, the audit log and an alert.
      </p>
      <a href={hrefOf('preview', next)}>Preview breaking the glass</a>
    </section>
  );
}
