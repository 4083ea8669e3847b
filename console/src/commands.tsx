import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { asCurl, asSluice } from './as-commands.ts';
import { Copy, ProblemBox } from './parts.tsx';
import { useSluice } from './session.ts';

const title = 'As a command';

/** The same for a shell: a dry run, without a key. */
export function Commands({ operation }: { readonly operation: Operation }) {
  const curl = asCurl(operation);
  const sluice = asSluice(operation);
  if (curl === null || sluice === null) return null;
  return (
    <details className="commands">
      <summary>{title}</summary>
      <Shown curl={curl} sluice={sluice} />
    </details>
  );
}

/** The same for an operation of a list, which does not tell its items: its record is read once somebody opens this. */
export function CommandsOf({ id }: { readonly id: string }) {
  const sluice = useSluice();
  const [isOpen, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['operation', id],
    enabled: isOpen,
    queryFn: ({ signal }) => sluice.operation(id, { signal }),
  });
  const curl = data ? asCurl(data) : null;
  const command = data ? asSluice(data) : null;
  return (
    <details
      className="commands"
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open);
      }}
    >
      <summary>{title}</summary>
      {error && <ProblemBox error={error} />}
      {!data && !error && <p role="status">Looking…</p>}
      {data && curl === null && <p className="quiet">It was about no session.</p>}
      {curl !== null && command !== null && <Shown curl={curl} sluice={command} />}
    </details>
  );
}

function Shown({ curl, sluice }: { readonly curl: string; readonly sluice: string }) {
  return (
    <>
      <p className="quiet">Without your key. curl makes a dry run; sluice shows its plan and asks.</p>
      <pre tabIndex={0} aria-label="As curl">
        {curl}
      </pre>
      <Copy text={curl}>Copy as curl</Copy>
      <pre tabIndex={0} aria-label="As sluice">
        {sluice}
      </pre>
      <Copy text={sluice}>Copy as sluice</Copy>
    </>
  );
}
