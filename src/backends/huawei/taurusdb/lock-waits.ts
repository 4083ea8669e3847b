import type { Seen } from '../../../core/model/process.js';
import { ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, type VendorCall } from '../huawei.wire.js';
import { isObject, malformedJson, secondsOf, textOf, type RawMember } from '../json.wire.js';
import { isThreadId } from './taurusdb.wire.js';

/** The vendor is asked about one thread a call: about those that have been busy for longest, and not about more. */
const mostAsked = 100;
/** So many of these calls go side by side. */
const sideBySide = 8;

/** Who keeps a thread waiting. */
interface LockWait {
  /** The thread that holds the lock. */
  readonly blocker: string;
  /** For how many seconds its transaction has been open. */
  readonly blockerSeconds: number | null;
  /** The vendor's word for the wait. */
  readonly event: string | null;
}

/**
 * TaurusDB API reference, "Querying Lock Wait Sessions":
 * https://support.huaweicloud.com/intl/en-us/api-taurusdb/ShowLockWaitSession.html
 */
export function encodeLockWait(nodeId: string, id: string): VendorCall {
  return {
    call: 'lock-wait',
    method: 'GET',
    path: `/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/process/lock-wait?pid=${id}`,
    parameters: { node_id: nodeId },
    body: null,
    mutating: false,
    maxBytes: ordinaryBytes,
  };
}

/** The cause of a wait, as far as it is read. */
interface LockRootCause {
  readonly locked_pid?: RawMember;
  readonly blocker_pid?: RawMember;
  readonly blocker_age?: RawMember;
}

/** The answer to that: null of a thread that waits for nobody. */
export function decodeLockWait(answer: Answer, id: string): LockWait | null {
  const cause = bodyOf(answer)['abnormal_root_cause'];
  if (cause === undefined || cause === null) return null;
  if (!isObject(cause)) throw malformedJson('The answer has no cause of the wait.');
  const found: unknown = cause['lock_root_cause'];
  if (!isObject(found)) return null;
  const { locked_pid, blocker_pid, blocker_age }: LockRootCause = found;
  const blocker = textOf(blocker_pid);
  if (blocker === null || !isThreadId(blocker)) return null;
  if ((textOf(locked_pid) ?? id) !== id) throw malformedJson('The answer is about another thread.');
  return { blocker, blockerSeconds: secondsOf(blocker_age), event: textOf(cause['abnormal_type']) };
}

/**
 * Adds to each thread which thread blocks it, by asking about those that execute something: a sleeping thread waits for
 * none. A thread that could not be asked about has null there, and the list is not whole then.
 */
export async function withLockWaits(
  { processes, complete }: { readonly processes: readonly Seen[]; readonly complete: boolean },
  ask: (id: string) => Promise<LockWait | null>,
): Promise<{ readonly processes: readonly Seen[]; readonly complete: boolean }> {
  const busy = processes
    .filter(({ state }) => state !== 'idle')
    .toSorted((one, other) => (other.busySeconds ?? 0) - (one.busySeconds ?? 0));
  const waiting = busy.slice(0, mostAsked).map(({ id }) => id);
  const found = new Map<string, LockWait | null>();
  const askNext = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        found.set(id, await ask(id));
      } catch {
        // This one stays unknown; the others are still asked about.
      }
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, askNext));
  const transactions = new Map([...found.values()].flatMap((wait) => (wait ? [[wait.blocker, wait] as const] : [])));
  return {
    processes: processes.map((one): Seen => {
      const wait = one.state === 'idle' ? null : found.get(one.id);
      return {
        ...one,
        blockedBy: wait === undefined ? null : wait ? [wait.blocker] : [],
        waitEvent: wait?.event ?? null,
        transactionSeconds: transactions.get(one.id)?.blockerSeconds ?? null,
      };
    }),
    complete: complete && found.size === busy.length,
  };
}
