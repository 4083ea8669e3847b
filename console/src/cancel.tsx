import { useMutation, useQueryClient } from '@tanstack/react-query';
import { SluiceError } from '../../clients/typescript/src/sluice.ts';
import { useSluice } from './session.ts';

/** Stops what an operation has not sent yet. */
export function Cancel({ id, isWaiting }: { readonly id: string; readonly isWaiting: boolean }) {
  const sluice = useSluice();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => sluice.cancel(id, { reason: 'cancelled in the console' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['operation', id] }),
  });
  const isTooOld = cancel.error instanceof SluiceError && (cancel.error.status === 404 || cancel.error.status === 405);
  if (isTooOld) return <span className="quiet">This Sluice cannot cancel.</span>;
  return (
    <>
      <button
        type="button"
        disabled={cancel.isPending}
        onClick={() => {
          cancel.mutate();
        }}
      >
        {isWaiting ? 'Take it back' : 'Stop what was not sent yet'}
      </button>
      {cancel.error && <span className="wrong">{cancel.error.message}</span>}
    </>
  );
}
