import { asFailure, Failure } from '../../../core/model/failure.js';
import type { Clock } from '../../../core/model/clock.js';
import type { Call, Done, Listing, Node } from '../../../core/model/target.js';
import { idOf, type Instance } from '../huawei.backend.js';
import type { Read } from '../huawei.connection.js';
import type { VendorCall } from '../huawei.wire.js';
import type { PageFrom } from '../page.js';
import { wholeList } from '../whole-list.js';
import { decodeList, encodeList, encodeScan, rowsPerPage } from './clients.wire.js';
import { decodeJobId } from './dcs.wire.js';

/** Milliseconds between the polls of a scan: quick at first, then patient. */
const firstPollMs = 200;
const longestPollMs = 5000;
const longer = (pauseMs: number): number => Math.min(pauseMs * 1.5, longestPollMs);

/** The clients of a node, and how they are known: by the `peer` that a kill takes, or by `addr` where none has one. */
export interface ClientListing extends Listing {
  readonly hasPeers: boolean;
}

/** The clients of a node: a job scans them, and what it saw is read. */
export async function lookAtClients(
  instance: Instance,
  follow: (job: string, call: Call) => Promise<Done>,
  node: Node,
  call: Call,
): Promise<ClientListing> {
  const { name, clock, secrets, sideBySide } = instance;
  const ask = <T>(request: VendorCall, read: Read<T>): Promise<T> =>
    onceAllowed(clock, call, () => instance.ask(request, read, call));
  const begunAt = new Date(clock.now());
  const job = await ask(encodeScan(idOf(node)), (answer) => decodeJobId(answer, secrets()));
  await finishScan(instance, follow, job, call);
  const at = new Date(clock.now());
  const addressed = new Set<string>();
  const owner = { target: name, node: node.name, byAddress: (id: string) => addressed.add(id) };
  const pageFrom: PageFrom = (offset, _limit, within) =>
    onceAllowed(clock, within, () =>
      instance.ask(encodeList(idOf(node), offset), (answer) => decodeList(answer, owner), within),
    );
  const { processes, complete } = await wholeList(pageFrom, [rowsPerPage], call, clock, { sideBySide });
  const named = processes.filter(({ id }) => !addressed.has(id));
  // Where others of the list have a peer, an address without one is perhaps not the client's own.
  const isMixed = named.length > 0 && named.length < processes.length;
  return {
    ...{ processes: isMixed ? named : processes, complete: complete && !isMixed, at, begunAt },
    hasPeers: processes.length === 0 || named.length > 0,
  };
}

/**
 * What this reads, once nothing that is done to the instance forbids it any more, or when the call has no time left.
 */
export async function onceAllowed<T>(clock: Clock, call: Call, read: () => Promise<T>): Promise<T> {
  for (let pause = firstPollMs; ; pause = longer(pause)) {
    try {
      return await read();
    } catch (thrown) {
      const failure = asFailure(thrown);
      // Another job of the instance is under way, perhaps the scan of its other node: that passes.
      if (failure.kind !== 'upstream-conflict' || clock.now() + pause >= call.deadline) throw failure;
      await clock.sleep(pause, call.signal);
      if (call.signal.aborted) throw failure;
    }
  }
}

async function finishScan(
  { clock }: Instance,
  follow: (job: string, call: Call) => Promise<Done>,
  job: string,
  call: Call,
): Promise<void> {
  for (let pause = firstPollMs; clock.now() + pause < call.deadline; pause = longer(pause)) {
    await clock.sleep(pause, call.signal);
    if (call.signal.aborted) throw new Failure('request-timeout', 'The caller went away before the list was made.');
    const done = await onceAllowed(clock, call, () => follow(job, call));
    if (done.is === 'failed') throw done.failure;
    if (done.is !== 'job') return;
  }
  throw new Failure('upstream-timeout', 'DCS did not list the clients in time.', { sent: 'perhaps' });
}
