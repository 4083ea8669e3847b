import { useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { SluiceError } from '../../clients/typescript/src/sluice.ts';
import { useNow } from './media.ts';
import { Back, ProblemBox } from './parts.tsx';
import { countOf, isByVendor, isEmergency, isForcedFlush, lifeOf, touchedTargets, type Planned } from './planned.ts';
import { ReasonField } from './reason-field.tsx';
import { go, hrefOf } from './route.ts';
import { useSluice } from './session.ts';
import { counted, duration } from './words.ts';

/** More are only ended by who typed where. */
const mostWithoutName = 10;
/** An emergency is told in so many characters at least. */
const leastOfEmergency = 10;

/** A plan, and what makes another. */
export interface PlanProps {
  readonly planned: Planned;
  /** When its dry run was answered. */
  readonly at: number;
  readonly onAgain: () => void;
}

/** The last step: the time that is left, why, where, and the one button that ends something. */
export function SendPlan({ planned, at, onAgain }: PlanProps) {
  const { call, preview, key } = planned;
  const sluice = useSluice();
  const client = useQueryClient();
  const now = useNow();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [isAskedWhy, setAskedWhy] = useState(false);
  const count = countOf(preview.operation);
  const isWide = isByVendor(preview.operation);
  const isForced = isForcedFlush(planned);
  const isUrgent = isEmergency(planned);
  // Where no plan fixes whom, the name is asked for, too.
  const asksName = count > mostWithoutName || isForced || isWide || isUrgent;
  const name = touchedTargets(preview.operation)
    .map(({ target }) => target)
    .join(', ');
  const left = lifeOf(preview.operation) - (now - at) / 1000;
  const isOver = left <= 0;

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    const why = {
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      ...(isUrgent ? { breakGlass: true } : {}),
    };
    const options = { idempotencyKey: key, untilEnd: false };
    const id = await (
      isWide && 'targets' in call ? sluice.flush({ ...call, ...why }, options) : preview.commit(why, options)
    ).then(({ id: begun }) => begun, ownOperationOf);
    if (typeof id !== 'string') {
      if (codeOf(id.thrown) === 'reason-required') setAskedWhy(true);
      setError(id.thrown);
      setSending(false);
      return;
    }
    await client.invalidateQueries({ queryKey: ['operations'] });
    go(`operations/${id}`);
  };

  const isLost = codeOf(error) === 'no-answer';
  const whyNeeded = isUrgent
    ? `An emergency needs a reason of at least ${leastOfEmergency} characters.`
    : isForced
      ? 'A forced flush needs a reason.'
      : isAskedWhy
        ? 'This target asks for a reason.'
        : null;
  const least = isUrgent ? leastOfEmergency : whyNeeded === null ? 0 : 1;
  const isUnsaid = reason.trim().length < least || (asksName && typed.trim() !== name);
  return (
    <form className={isUrgent ? 'decision emergency' : 'decision'} onSubmit={(event) => void send(event)}>
      {error !== null && (
        <ProblemBox error={error}>
          {isLost && (
            <p>
              It may have been carried out. <a href={hrefOf('operations')}>Look at the history</a> first; or ask again
              here: under the same key it is carried out once, however often it is sent.
            </p>
          )}
          {codeOf(error) === 'flush-in-progress' && otherOf(error) !== null && (
            <p>
              <a href={hrefOf(`operations/${otherOf(error) ?? ''}`)}>Look at the flush that runs</a>
            </p>
          )}
          {(codeOf(error) === 'approval-required' || codeOf(error) === 'plan-gone') && (
            <button type="button" className="small" onClick={onAgain}>
              Make a new plan
            </button>
          )}
        </ProblemBox>
      )}
      <p role="timer" className={isOver ? 'wrong' : 'quiet'}>
        {isOver
          ? isWide
            ? 'What you see is too old. Nothing was done.'
            : 'The plan expired. Nothing was done.'
          : isWide
            ? `No plan fixes which sessions this ends: new ones may end, too. Look again in ${duration(left)}.`
            : `The plan holds for ${duration(left)}, and ends no session that connected since.`}
      </p>
      <ReasonField value={reason} whyNeeded={whyNeeded} isFixed={isLost} onChange={setReason} />
      {asksName && (
        <label className="field">
          <span>
            Type <code>{name}</code> to go on
          </span>
          <input
            type="text"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
            }}
          />
        </label>
      )}
      <div className="actions">
        <Back />
        {isOver ? (
          <button type="button" className="primary" onClick={onAgain}>
            {isWide ? 'Look again' : 'Make a new plan'}
          </button>
        ) : (
          <button type="submit" className="danger" disabled={isSending || isUnsaid}>
            {isSending
              ? 'Sending…'
              : `${isUrgent ? 'Break the glass: ' : ''}${wordsOf(count, isWide, isForced)} on ${name}`}
          </button>
        )}
      </div>
    </form>
  );
}

function wordsOf(count: number, isWide: boolean, isForced: boolean): string {
  if (!isWide) return `End ${counted(count, 'session')}`;
  const rest = isForced ? 'every session' : 'idle sessions';
  return count > 0 ? `End ${counted(count, 'session')} and ${rest}` : `End ${rest}`;
}

function codeOf(error: unknown): string | null {
  return error instanceof SluiceError ? error.code : null;
}

/** The operation that the call itself became, though it failed; else what was thrown. */
function ownOperationOf(thrown: unknown): string | { readonly thrown: unknown } {
  if (!(thrown instanceof SluiceError)) return { thrown };
  const runs = thrown.code === 'request-in-progress' ? thrown.operationId : null;
  return thrown.operation?.id ?? runs ?? { thrown };
}

/** The operation that is in the way. */
function otherOf(error: unknown): string | null {
  return error instanceof SluiceError ? error.operationId : null;
}
