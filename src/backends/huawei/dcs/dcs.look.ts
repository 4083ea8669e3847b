import { asFailure, Failure } from '../../../core/model/failure.js';
import type { Call, Done, Listing, Node } from '../../../core/model/target.js';
import { idOf, type Instance } from '../huawei.backend.js';
import { oneAhead } from '../one-ahead.js';
import { wholeList, type Page } from '../whole-list.js';
import { decodeList, encodeList, encodeScan, rowsPerPage } from './clients.wire.js';
import { decodeJobId } from './dcs.wire.js';

/** Milliseconds between the polls of a scan: quick at first, then patient. */
const firstPollMs = 200;
const longestPollMs = 5000;
const longer = (pauseMs: number): number => Math.min(pauseMs * 1.5, longestPollMs);

/** The clients of a node: a job scans them, and what it saw is read. */
export async function lookAtClients(
  instance: Instance,
  follow: (job: string, call: Call) => Promise<Done>,
  node: Node,
  call: Call,
): Promise<Listing> {
  const { name, clock, ask } = instance;
  const begunAt = new Date(clock.now());
  await finishScan(instance, follow, await beginScan(instance, node, call), call);
  const at = new Date(clock.now());
  const owner = { target: name, node: node.name };
  const pageFrom = (offset: number): Promise<Page> =>
    ask(encodeList(idOf(node), offset), (answer) => decodeList(answer, owner), call);
  // What a scan saw stands still.
  return { ...(await wholeList(oneAhead(pageFrom), [rowsPerPage], call, clock)), at, begunAt };
}

/** The id of the job. */
async function beginScan({ ask, clock, secrets }: Instance, node: Node, call: Call): Promise<string> {
  for (let pause = firstPollMs; ; pause = longer(pause)) {
    try {
      return await ask(encodeScan(idOf(node)), (answer) => decodeJobId(answer, secrets()), call);
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
    const done = await follow(job, call);
    if (done.is === 'failed') throw done.failure;
    if (done.is === 'done') return;
  }
  throw new Failure('upstream-timeout', 'DCS did not list the clients in time.', { sent: 'perhaps' });
}
