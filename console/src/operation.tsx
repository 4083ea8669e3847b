import { useQuery } from '@tanstack/react-query';
import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { Cancel } from './cancel.tsx';
import { Commands } from './commands.tsx';
import { OutcomeTable } from './outcome-table.tsx';
import { Bar, Chip, Copy, ProblemBox } from './parts.tsx';
import { hrefOf } from './route.ts';
import { useSluice } from './session.ts';

type Outcome = Operation['targets'][number];

/** One operation: how far it is, what came of it on every target, and what to do now. */
export function OperationPage({ id }: { readonly id: string }) {
  const sluice = useSluice();
  const read = useQuery({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => sluice.operation(id, { signal }),
    refetchInterval: ({ state }) => pauseOf(state.data),
  });
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
          <Chip tone={state}>{state}</Chip> {dryRun && <Chip tone="planned">dry run</Chip>} {wordsOf(operation)}
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
        <Fact name="Id" value={id} />
      </dl>
      {targets.map((outcome) => (
        <TargetPart key={outcome.target} outcome={outcome} />
      ))}
      <Commands operation={operation} />
    </>
  );
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

/** After how many milliseconds the record is read again; false: never. */
function pauseOf(operation: Operation | undefined): number | false {
  if (!operation) return 5000;
  if (operation.state === 'running') return 1000;
  if (operation.state === 'awaitingApproval') return 5000;
  const isWatched = operation.targets.some(({ drain }) => drain?.state === 'watching');
  const isUnknown = operation.targets.some(({ counts }) => (counts.unknown ?? 0) > 0);
  const isFresh = Date.now() - Date.parse(operation.createdAt) < 10 * 60_000;
  return isWatched || (isUnknown && isFresh) ? 2000 : false;
}

/** What an operation is called. */
export const kindWords: Readonly<Record<string, string>> = {
  'processes.kill': 'Kill',
  'sessions.flush': 'Flush',
  'sessions.tune': 'Tune',
};

const stateWords: Readonly<Record<string, string>> = {
  running: 'It goes on whether you watch or not.',
  succeeded: 'All that was asked for was done.',
  partial: 'Something was done, and something was not: see below.',
  failed: 'Nothing was done.',
  unknown: 'It was sent, and no answer says what came of it.',
  planned: 'Nothing was sent.',
  awaitingApproval: 'It waits for the approval of somebody else. Nothing was sent.',
  rejected: 'It was not approved, or was taken back. Nothing was sent.',
  expired: 'It was not approved in time. Nothing was sent.',
};

const drainWords: Readonly<Record<string, string>> = {
  watching: 'Marked sessions end when their application releases them.',
  drained: 'All marked sessions have logged out.',
  ended: 'The watch is over, and some have not logged out.',
  unknown: 'This installation does not tell who has logged out.',
};

const countWords = {
  ended: 'ended',
  deferred: 'marked to end',
  notFound: 'gone already',
  skipped: 'left alone',
  failed: 'failed',
  unknown: 'unknown',
  wouldEnd: 'would end',
} as const;
