import { useId } from 'react';

/** Why somebody does it; `whyNeeded` says why it may not be left out. */
export function ReasonField(props: {
  readonly value: string;
  readonly whyNeeded: string | null;
  /** What was sent may not change while nobody knows whether it arrived. */
  readonly isFixed?: boolean;
  readonly onChange: (reason: string) => void;
}) {
  const { value, whyNeeded, isFixed = false, onChange } = props;
  const hint = useId();
  return (
    <div>
      <label className="field">
        Reason, for the record
        <input
          type="text"
          maxLength={500}
          value={value}
          readOnly={isFixed}
          required={whyNeeded !== null}
          {...(whyNeeded === null ? {} : { 'aria-describedby': hint })}
          onChange={({ target }) => {
            onChange(target.value);
          }}
        />
      </label>
      {whyNeeded !== null && (
        <p id={hint} className="quiet">
          {whyNeeded}
        </p>
      )}
    </div>
  );
}
