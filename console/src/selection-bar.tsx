import type { Row } from './tree.ts';
import { counted } from './words.ts';

/** What is selected, and what can be done with it. It ends nothing. */
export function SelectionBar(props: {
  readonly rows: readonly Row[];
  readonly onClear: () => void;
  readonly onPreview: () => void;
}) {
  const { rows, onClear, onPreview } = props;
  if (rows.length === 0) return null;
  const targets = [...new Set(rows.map(({ target }) => target))].join(', ');
  return (
    <div className="selection-bar" role="region" aria-label="Selected">
      <p>
        <strong>{counted(rows.length, 'session')}</strong> on {targets} selected
      </p>
      <button type="button" className="small" onClick={onClear}>
        Clear
      </button>
      <button type="button" className="primary" onClick={onPreview}>
        Preview ending {rows.length === 1 ? 'it' : 'them'}
      </button>
    </div>
  );
}
