import { mayBreakGlass, type Caller } from '../model/caller.js';
import type { Refusals } from '../model/refusals.js';
import { placeIn, type MutatingRequest } from '../model/request.js';
import type { Target } from '../model/target.js';

/** An emergency is told in so many characters at least. */
const leastReason = 10;

/** Is it said why, where that must be said? May the caller do without an approval? What is wrong is added. */
export function admitIntent(
  { caller, refusals }: { readonly caller: Caller; readonly refusals: Refusals },
  request: MutatingRequest,
  admitted: readonly Target[],
): void {
  if (request.breaksGlass === true && request.isForApproval === true) {
    const message = 'Ask for an approval, or break the glass: not both.';
    refusals.add('invalid-request', { ...placeIn(request.writing, 'breakGlass'), message });
    return;
  }
  if (request.breaksGlass === true) {
    for (const { name } of admitted.filter((target) => !mayBreakGlass(caller, target.name))) {
      const message = `No grant of ${caller.name} allows breakGlass on "${name}".`;
      refusals.add('forbidden', { ...placeIn(request.writing, 'breakGlass'), message });
    }
    if ((request.reason ?? '').trim().length >= leastReason || request.dryRun) return;
    const message = `An emergency needs a reason of at least ${String(leastReason)} characters.`;
    refusals.add('reason-required', { ...placeIn(request.writing, 'reason'), message });
    return;
  }
  if (request.dryRun || (request.reason ?? '').trim() !== '') return;
  const [first] = admitted.filter(({ safeguards }) => mustSayWhy(safeguards.reason, request));
  if (!first) return;
  const what = request.kind === 'sessions.flush' && request.mode === 'forced' ? 'A forced flush' : 'A call';
  const message = `${what} that changes "${first.name}" needs a reason.`;
  refusals.add('reason-required', { ...placeIn(request.writing, 'reason'), message });
}

function mustSayWhy(rule: Target['safeguards']['reason'], request: MutatingRequest): boolean {
  const isForced = request.kind === 'sessions.flush' && request.mode === 'forced';
  return rule === 'required' || (rule === 'forced' && isForced);
}
