import type { Reply } from '../../exchange.ts';
import { PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { ask, bodyOf, standingClock } from '../spec-requests.ts';
import { DCS } from './seed.ts';

/** The path of the first instance. */
export const INSTANCE = `/v2/${PROJECT.id}/instances/${DCS.instanceId}`;
/** Its master. */
export const PLACE = { instanceId: DCS.instanceId, nodeId: DCS.nodeId };
/** Its replica. */
export const SECOND = { instanceId: DCS.instanceId, nodeId: DCS.secondNodeId };

/** The body of a client list. */
interface Listing {
  readonly time: string;
  readonly count: bigint;
  readonly clients: Record<string, string | bigint>[];
}

/** A cloud with a standing clock, and short ways to ask its DCS. */
export function cacheCloud(knobs: Partial<HuaweiKnobs> = {}) {
  const clock = standingClock();
  const huawei = createHuawei({ clock: clock.now, ...knobs });
  const { dcs } = huawei.state;
  const send = (line: string, body?: unknown): Reply => ask(huawei.dcs, clock.now(), line, body);
  const post = (rest: string, body: unknown): Reply => send(`POST ${INSTANCE}/${rest}`, body);
  const list = (query = '', nodeId: string = DCS.nodeId): Reply =>
    send(`GET ${INSTANCE}/clients?node_id=${nodeId}${query}`);
  const listing = (query = '', nodeId?: string) => bodyOf(list(query, nodeId)) as Listing;
  const jobId = (reply: Reply) => (bodyOf(reply) as { job_id: string }).job_id;
  const job = (id: string) => bodyOf(send(`GET /v2/${PROJECT.id}/jobs/${id}`)) as Record<string, unknown>;
  const scan = (body: object = { node_id: DCS.nodeId }) => {
    const reply = post('clients', body);
    clock.pass(huawei.state.knobs.jobMs);
    return jobId(reply);
  };
  return { clock, huawei, dcs, send, post, list, listing, jobId, job, scan };
}

/** Status and code of an error, which must have the body that DCS gives errors. */
export function errorOf(reply: Reply): [number, unknown] {
  const body = bodyOf(reply) as Record<string, unknown>;
  if (Object.keys(body).sort().join() !== 'error_code,error_ext_msg,error_msg' || body.error_ext_msg !== null) {
    throw new Error(`No DCS error: ${reply.body}`);
  }
  return [reply.status, body.error_code];
}
