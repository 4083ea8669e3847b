import { useQueryClient } from '@tanstack/react-query';
import { Fragment, useState, type SyntheticEvent } from 'react';
import { SluiceError } from '../../clients/typescript/src/sluice.ts';
import { AskApproval } from './ask-approval.tsx';
import { useNow } from './media.ts';
import { ProblemBox } from './parts.tsx';
import {
  canBeApproved,
  canBeDone,
  countOf,
  isByVendor,
  isForcedFlush,
  lifeOf,
  touchedTargets,
  type Planned,
} from './planned.ts';
import { ForeseenPart } from './preview-part.tsx';
import { ReasonField } from './reason-field.tsx';
import { go, hrefOf } from './route.ts';
import { useSluice } from './session.ts';
import { counted, duration } from './words.ts';

/** More are only ended by who typed where. */
const mostWithoutName = 10;

/** Shows what was found, and asks whether to do just that. */
export function Decide({
  plans,
  at,
  onAgain,
}: {
  readonly plans: readonly Planned[];
  readonly at: number;
  readonly onAgain: () => void;
}) {
  const sluice = useSluice();
  const client = useQueryClient();
  const now = useNow();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [isAskedWhy, setAskedWhy] = useState(false);
  /** The operations that were begun, by the keys of their plans. */
  const [begun, setBegun] = useState<ReadonlyMap<string, string>>(new Map());
  const ready = plans.filter(canBeDone);
  const targets = [
    ...new Set(ready.flatMap(({ preview }) => touchedTargets(preview.operation)).map(({ target }) => target)),
  ];
  const count = ready.reduce((sum, { preview }) => sum + countOf(preview.operation), 0);
  const isWide = ready.some(({ preview }) => isByVendor(preview.operation));
  const isForced = ready.some(isForcedFlush);
  // Where no plan fixes whom, the name is asked for, too.
  const asksName = count > mostWithoutName || isForced || isWide;
  const name = targets.join(', ');
  const left = Math.min(...ready.map(({ preview }) => lifeOf(preview.operation))) - (now - at) / 1000;
  const isOver = left <= 0;

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    const why = reason.trim() === '' ? {} : { reason: reason.trim() };
    const done = new Map(begun);
    let key = '';
    try {
      for (const plan of ready.filter((one) => !begun.has(one.key))) {
        key = plan.key;
        const options = { idempotencyKey: key, untilEnd: false };
        const { call, preview } = plan;
        const operation = await (isByVendor(preview.operation) && 'targets' in call
          ? sluice.flush({ ...call, ...why }, options)
          : preview.commit(why, options));
        done.set(key, operation.id);
      }
    } catch (thrown) {
      const id = thrown instanceof SluiceError ? thrown.operationId : null;
      setBegun(done);
      if (id === null || id === '') {
        if (codeOf(thrown) === 'reason-required') setAskedWhy(true);
        setError(thrown);
        setSending(false);
        return;
      }
      done.set(key, id);
    }
    await client.invalidateQueries({ queryKey: ['operations'] });
    const [first = '', ...others] = done.values();
    if (others.length === 0) go(`operations/${first}`);
    else go('operations');
  };

  const isLost = codeOf(error) === 'no-answer';
  const whyNeeded = isForced ? 'A forced flush needs a reason.' : isAskedWhy ? 'This target asks for a reason.' : null;
  const isUnsaid = (whyNeeded !== null && reason.trim() === '') || (asksName && typed.trim() !== name);
  return (
    <form className="decide" onSubmit={(event) => void send(event)}>
      {plans.map((plan) => (
        <Fragment key={plan.key}>
          <ForeseenPart operation={plan.preview.operation} />
          {canBeApproved(plan.preview.operation) && <AskApproval planned={plan} />}
        </Fragment>
      ))}
      {error !== null && (
        <ProblemBox error={error}>
          {isLost && (
            <p>
              It may have been carried out. <a href={hrefOf('operations')}>Look at the history</a> first; or ask again
              here: under the same key it is carried out once, however often it is sent.
            </p>
          )}
          {begun.size > 0 && (
            <p>
              {counted(begun.size, 'call')} of {ready.length} went out before, and will not be sent again:{' '}
              <a href={hrefOf('operations')}>look at the history</a>.
            </p>
          )}
          {codeOf(error) === 'approval-required' && (
            <button type="button" className="small" onClick={onAgain}>
              Make a new plan
            </button>
          )}
        </ProblemBox>
      )}
      {ready.length === 0 ? (
        <div className="decision">
          <p className="quiet">There is nothing to carry out.</p>
          <button
            type="button"
            onClick={() => {
              history.back();
            }}
          >
            Back
          </button>
        </div>
      ) : (
        <div className="decision">
          <p role="timer" className={isOver ? 'wrong' : 'quiet'}>
            {isOver
              ? 'The plan expired. Nothing was done.'
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
            <button
              type="button"
              onClick={() => {
                history.back();
              }}
            >
              Back
            </button>
            {isOver ? (
              <button type="button" className="primary" onClick={onAgain}>
                Make a new plan
              </button>
            ) : (
              <button type="submit" className="danger" disabled={isSending || isUnsaid}>
                {isSending ? 'Sending…' : `${wordsOf(count, isWide, isForced)} on ${name}`}
              </button>
            )}
          </div>
        </div>
      )}
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
