import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { asCurl, asSluice } from './as-commands.ts';
import { Copy } from './parts.tsx';

/** The same for a shell: a dry run, without a key. */
export function Commands({ operation }: { readonly operation: Operation }) {
  const curl = asCurl(operation);
  const sluice = asSluice(operation);
  if (curl === null || sluice === null) return null;
  return (
    <details className="commands">
      <summary>As a command</summary>
      <p className="quiet">Without your key. curl makes a dry run; sluice shows its plan and asks.</p>
      <pre tabIndex={0} aria-label="As curl">
        {curl}
      </pre>
      <Copy text={curl}>Copy as curl</Copy>
      <pre tabIndex={0} aria-label="As sluice">
        {sluice}
      </pre>
      <Copy text={sluice}>Copy as sluice</Copy>
    </details>
  );
}
