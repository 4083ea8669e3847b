import { Back } from './parts.tsx';
import { canBeDone, canBeExcepted, isEmergency } from './planned.ts';
import { ForeseenPart } from './preview-part.tsx';
import { SendPlan, type PlanProps } from './send-plan.tsx';
import { WaysOut } from './ways-out.tsx';

/** Shows what was found, and asks whether to do just that. */
export function Decide(props: PlanProps) {
  const { planned, onAgain } = props;
  const { operation } = planned.preview;
  return (
    <div className="decide">
      <ForeseenPart operation={operation} />
      {canBeExcepted(operation) && !isEmergency(planned) && <WaysOut planned={planned} />}
      {canBeDone(planned) ? (
        <SendPlan {...props} />
      ) : (
        <div className="decision">
          {!operation.refusal && <p className="quiet">There is nothing to carry out.</p>}
          <div className="actions">
            <Back />
            <button type="button" onClick={onAgain}>
              Look again
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
