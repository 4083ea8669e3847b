import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { ApprovalForm } from './approval.tsx';
import { Cancel } from './cancel.tsx';
import { Commands } from './commands.tsx';
import { useOperation } from './follow-operation.ts';
import { countWords, decisionWords, drainWords, kindWords, stateNames, stateWords } from './operation-words.ts';
import { OutcomeTable } from './outcome-table.tsx';
import { Bar, Chip, Copy, ProblemBox } from './parts.tsx';
import { hrefOf } from './route.ts';

type Outcome = Operation['targets'][number];

/** One operation: how far it is, what came of it on every target, and what to do now. */
export function OperationPage({ id }: { readonly id: string }) {
  const read = useOperation(id);
  const operation = read.data;
  return (
    <div className="page">
      <p>
        <a href={hrefOf('operations')}>History</a>
      </p>
      {!operation && <h1>Operation</h1>}
      {read.error && (
        <ProblemBox error={read.error}>
          {operation && <p>What you see is from {new Date(read.dataUpdatedAt).toLocaleTimeString()}. Trying again.</p>}
        </ProblemBox>
      )}
      {!operation && !read.error && <p role="status">Looking…</p>}
      {operation && <Record operation={operation} />}
    </div>
  );
}

function Record({ operation }: { readonly operation: Operation }) {
  const { id, kind, mode, state, dryRun, requestedBy, onBehalfOf, reason, createdAt, endedAt, targets } = operation;
  return (
    <>
      <h1>
        {kindWords[kind] ?? kind}
        {mode == null ? '' : `, ${mode}`}{' '}
        <span className="on">on {targets.map(({ target }) => target).join(', ')}</span>
      </h1>
      <div className="toolbar">
        <p role="status">
          <Chip tone={state}>{stateNames[state] ?? state}</Chip>{' '}
          {operation.breakGlass && <Chip tone="emergency">broke the glass</Chip>}{' '}
          {dryRun && <Chip tone="planned">dry run</Chip>} {wordsOf(operation)}
        </p>
        <div className="actions">
          {(state === 'running' || state === 'awaitingApproval') && (
            <Cancel id={id} isWaiting={state === 'awaitingApproval'} />
          )}
          <Copy text={location.href}>Copy link</Copy>
        </div>
      </div>
      <dl className="facts">
        <Fact name="By" value={onBehalfOf == null ? requestedBy : `${requestedBy}, for ${onBehalfOf}`} />
        <Fact name="Reason" value={reason ?? 'none was given'} />
        <Fact name="Began" value={new Date(createdAt).toLocaleString()} />
        <Fact name="Ended" value={endedAt == null ? 'not yet' : new Date(endedAt).toLocaleString()} />
        {decisionOf(operation).map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
        <Fact name="Id" value={id} />
      </dl>
      {state === 'awaitingApproval' && <ApprovalForm operation={operation} />}
      {targets.map((outcome) => (
        <TargetPart key={outcome.target} outcome={outcome} />
      ))}
      <Commands operation={operation} />
    </>
  );
}

/** What others had to say of it: an approval, a cancel, an acknowledgement. */
function decisionOf({ approval, cancelled, acknowledged }: Operation): (readonly [name: string, value: string])[] {
  const { decision, expiresAt } = approval ?? {};
  const by = (who: string | null, why: string | null) => [who ?? '', why === null ? '' : `“${why}”`].join(' ').trim();
  return [
    ...(approval && !decision ? [['Waits until', new Date(expiresAt ?? '').toLocaleString()] as const] : []),
    ...(decision ? [[decisionWords[decision.is], by(decision.by, decision.reason)] as const] : []),
    ...(cancelled ? [['Cancelled', by(cancelled.requestedBy, cancelled.reason ?? null)] as const] : []),
    ...(acknowledged ? [['Looked into', by(acknowledged.requestedBy, acknowledged.reason)] as const] : []),
  ];
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function TargetPart({ outcome }: { readonly outcome: Outcome }) {
  const { target, state, counts, note, problem, drain, items, itemsOmitted } = outcome;
  const parts = (['ended', 'deferred', 'notFound', 'skipped', 'failed', 'unknown', 'wouldEnd'] as const).map(
    (name) => [name, counts[name] ?? 0, countWords[name]] as const,
  );
  return (
    <section className="outcome" aria-label={target}>
      <h2>
        {target} <Chip tone={state}>{state}</Chip>
      </h2>
      {!drain && <Bar label={target} parts={parts} />}
      {counts.ended === null && <p className="quiet">The vendor does not say how many it ended.</p>}
      {drain && <DrainPart drain={drain} />}
      {(counts.unknown ?? 0) > 0 && (
        <p className="banner tone-unknown">
          <strong>
            The outcome of {counts.unknown === 1 ? 'one session' : `${counts.unknown ?? 0} sessions`} is unknown so far.
          </strong>{' '}
          Nothing is sent twice. Sluice looks again for two minutes and tells it here. Do not repeat the call:{' '}
          <a href={hrefOf('sessions', new URLSearchParams({ target }))}>look at {target}</a>.
        </p>
      )}
      {problem && (
        <p className="banner tone-failed">
          {problem.detail} <span className="quiet">{problem.code}</span>
        </p>
      )}
      {note != null && <p className="quiet">{note}</p>}
      <OutcomeTable items={items} />
      {itemsOmitted > 0 && <p className="quiet">and {itemsOmitted} more</p>}
    </section>
  );
}

/** How many of a pool still have to log out. */
function DrainPart({ drain }: { readonly drain: NonNullable<Outcome['drain']> }) {
  const { state, remaining, ids } = drain;
  const all = Math.max(ids.length, remaining ?? 0);
  const gone = remaining === null ? 0 : all - remaining;
  return (
    <div className="drain">
      <p>
        <Chip tone={state === 'drained' ? 'succeeded' : state === 'watching' ? 'running' : 'partial'}>{state}</Chip>{' '}
        {drainWords[state] ?? ''} {remaining === null ? '' : `${remaining} left.`}
      </p>
      <Bar
        label="Drain"
        parts={[
          ['ended', gone, 'logged out'],
          ['deferred', remaining ?? 0, 'marked'],
        ]}
      />
    </div>
  );
}

/** What the state means for who waits: what is only marked is not done yet. */
function wordsOf({ state, targets }: Operation): string {
  const isMarked = targets.some(({ effect, drain }) => effect === 'deferred' && drain?.state !== 'drained');
  if (state === 'succeeded' && isMarked) return 'Some are only marked: they end when their application releases them.';
  return stateWords[state] ?? '';
}
