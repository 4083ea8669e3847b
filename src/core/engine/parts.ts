import type { AdmittedCall } from '../choose/admitted.js';
import type { Survey } from '../choose/chosen.js';
import { runPart } from '../execute/part.js';
import type { OperationEvent } from '../model/event.js';
import type { MutatingRequest } from '../model/request.js';
import type { Call, Target } from '../model/target.js';
import type { OpenRecord } from '../record/open-record.js';
import { endCall } from './calls.js';
import type { Listeners } from './listeners.js';
import type { OpenOperations } from './running.js';

/** A call whose targets were surveyed where that was needed. */
interface Surveyed {
  readonly call: AdmittedCall;
  readonly calls: ReadonlyMap<Target, Call>;
  readonly surveys: ReadonlyMap<Target, Survey>;
  /** What a dry run tells at its end. */
  readonly planned: OperationEvent | null;
}

/** What an operation does whose first event is written: its targets, side by side. */
export function partsOf(
  open: OpenOperations,
  listeners: Listeners,
  record: OpenRecord,
  { call: { request }, calls, surveys, planned }: Surveyed,
): () => Promise<void> {
  return async () => {
    await Promise.all(
      [...calls].map(async ([target, call]) => {
        await runPart(open.runOf(record, target, call), request, surveys.get(target) ?? null);
        endCall(call, record, target);
        listeners.tellTouched(target, record.id);
      }),
    );
    if (planned) record.add(planned);
  };
}

/** Does a call do without an approval, and change something? */
export function breaksGlass({ breaksGlass: isEmergency, dryRun }: MutatingRequest): boolean {
  return isEmergency === true && !dryRun;
}
