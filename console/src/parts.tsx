import { Checkbox } from '@base-ui/react/checkbox';
import { Dialog } from '@base-ui/react/dialog';
import { useState, type ReactNode } from 'react';
import { SluiceError } from '../../clients/typescript/src/sluice.ts';
import { messageOf, remedyOf } from './words.ts';

/** A box to tick. */
export function Tick(props: {
  readonly label: string;
  readonly isShown?: boolean;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ReactNode;
}) {
  const { label, isShown = false, checked, disabled = false, onChange, children } = props;
  const box = (
    <Checkbox.Root
      className="tick"
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      {...(isShown ? {} : { 'aria-label': label })}
    >
      <Checkbox.Indicator className="tick-mark">✓</Checkbox.Indicator>
    </Checkbox.Root>
  );
  if (!isShown) return box;
  return (
    <label className="ticked">
      {box}
      <span>{children ?? label}</span>
    </label>
  );
}

/** A word on a colour of its own. The word says it all: nobody has to see the colour. */
export function Chip({ tone, children }: { readonly tone: string; readonly children: ReactNode }) {
  return <span className={`chip tone-${tone}`}>{children}</span>;
}

/** What went wrong, why, and what to do now. */
export function ProblemBox({ error, children }: { readonly error: unknown; readonly children?: ReactNode }) {
  const known = error instanceof SluiceError ? error : null;
  const places = (known?.problem?.errors ?? []).filter(({ message }) => message !== known?.message);
  return (
    <div className="banner tone-failed" role="alert">
      <p>
        <strong>{messageOf(error)}</strong> {known ? remedyOf(known.code) : ''}
      </p>
      {places.length > 0 && (
        <ul>
          {places.map(({ message, parameter, pointer }) => (
            <li key={`${parameter ?? pointer ?? ''} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
      {known?.problem?.upstream?.message != null && <p>The vendor says: {known.problem.upstream.message}</p>}
      {known && (
        <p className="quiet">
          {known.code}
          {known.requestId === null ? '' : ` · request ${known.requestId}`}
          {known.retryAfter === null ? '' : ` · again in ${known.retryAfter} s`}
        </p>
      )}
      {children}
    </div>
  );
}

/** Puts a text where it can be pasted from. */
export function Copy({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="small"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setCopied(true);
          setTimeout(() => {
            setCopied(false);
          }, 2000);
        });
      }}
    >
      {isCopied ? 'Copied' : children}
    </button>
  );
}

/** A window over the page. */
export function Modal(props: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { title, isOpen, onClose, children } = props;
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="modal">
          <Dialog.Title>{title}</Dialog.Title>
          {children}
          <Dialog.Close className="small">Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A bar of parts, each with its words below. */
export function Bar({
  label,
  parts,
}: {
  readonly label: string;
  readonly parts: readonly (readonly [tone: string, count: number, word: string])[];
}) {
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  const shown = parts.filter(([, count]) => count > 0);
  const words = shown.map(([, count, word]) => `${count} ${word}`).join(', ');
  if (total === 0) return null;
  return (
    <div className="bar-box">
      <div className="bar" role="img" aria-label={`${label}: ${words}`}>
        {shown.map(([tone, count, word]) => (
          <span key={word} className={`bar-part tone-${tone}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <p className="quiet" aria-hidden="true">
        {words}
      </p>
    </div>
  );
}

/** One step back. */
export function Back() {
  return (
    <button
      type="button"
      onClick={() => {
        history.back();
      }}
    >
      Back
    </button>
  );
}
