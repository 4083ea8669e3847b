import { useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import {
  SluiceError,
  type FlushCall,
  type Kill,
  type Operation,
  type Preview,
} from '../../clients/typescript/src/sluice.ts';
import { useNow } from './media.ts';
import { ProblemBox } from './parts.tsx';
import { ForeseenPart } from './preview-part.tsx';
import { go, hrefOf } from './route.ts';
import { useSluice } from './session.ts';
import { counted, duration } from './words.ts';

/** More are only ended by who typed where. */
const mostWithoutName = 10;

/** A call, and what its dry run found. */
export interface Planned {
  readonly call: Kill | FlushCall;
  readonly preview: Preview;
  /** Under which it is carried out once, however often it is sent. */
  readonly key: string;
}

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
  const ready = plans.filter(canBeDone);
  const targets = [...new Set(ready.flatMap(({ preview }) => preview.operation.targets.map(({ target }) => target)))];
  const count = ready.reduce((sum, { preview }) => sum + (preview.operation.counts.wouldEnd ?? 0), 0);
  const isWide = ready.some(isByVendor);
  const isForced = ready.some(({ call }) => 'targets' in call && call.mode === 'forced');
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
    const done: string[] = [];
    try {
      for (const plan of ready) {
        const options = { idempotencyKey: plan.key, untilEnd: false };
        const { call, preview } = plan;
        const operation = await (isByVendor(plan) && 'targets' in call
          ? sluice.flush({ ...call, ...why }, options)
          : preview.commit(why, options));
        done.push(operation.id);
      }
    } catch (thrown) {
      const id = thrown instanceof SluiceError ? thrown.operationId : null;
      if (id === null || id === '') {
        setError(thrown);
        setSending(false);
        return;
      }
      done.push(id);
    }
    await client.invalidateQueries({ queryKey: ['operations'] });
    if (done.length === 1) go(`operations/${done[0] ?? ''}`);
    else go('operations');
  };

  const isLost = error instanceof SluiceError && error.code === 'no-answer';
  return (
    <form className="decide" onSubmit={(event) => void send(event)}>
      {plans.map((plan) => (
        <ForeseenPart key={plan.preview.operation.id} operation={plan.preview.operation} />
      ))}
      {error !== null && (
        <ProblemBox error={error}>
          {isLost && (
            <p>
              It may have been carried out. <a href={hrefOf('operations')}>Look at the history</a> first; or ask again
              here: under the same key it is carried out once, however often it is sent.
            </p>
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
              : `The plan holds for ${duration(left)}, and ends nobody who came since.`}
          </p>
          <label className="field">
            Reason, for the record
            <input
              type="text"
              maxLength={500}
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
              }}
            />
          </label>
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
              <button type="submit" className="danger" disabled={isSending || (asksName && typed.trim() !== name)}>
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

/** A vendor's own call chooses by itself: no plan can fix whom. */
function isByVendor({ call, preview }: Planned): boolean {
  const { plan, operation } = preview;
  const isFixed = plan && operation.targets.every(({ planNote }) => planNote === undefined);
  return 'targets' in call && !isFixed && !operation.refusal;
}

function canBeDone(planned: Planned): boolean {
  const { plan, operation } = planned.preview;
  if (operation.refusal) return false;
  return isByVendor(planned) || (plan !== null && plan !== undefined && operation.counts.wouldEnd !== 0);
}

/** For how many seconds the plan holds, by the clock of Sluice alone; a flush by the vendor as long as a plan would. */
function lifeOf({ plan, createdAt }: Operation): number {
  return plan ? (Date.parse(plan.expiresAt) - Date.parse(createdAt)) / 1000 : 120;
}
