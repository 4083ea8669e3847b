import { PROJECT } from '../account.ts';
import type { Authenticate } from '../identity/authentication.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { Refusal } from '../refusal.ts';
import type { Complaints } from '../refusal.ts';
import type { CallRequest } from '../service.ts';
import type { CacheInstance, CacheNode } from './clients.ts';
import type { DcsState } from './store.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEX_ID = /^[0-9a-f]{32}$/;

/** How DCS refuses a malformed request. */
export const CACHE_COMPLAINTS: Complaints = {
  contentType: () => new Refusal(400, 'DCS.4005', 'The request body is not in JSON format: Content-Type.'),
  emptyBody: () => new Refusal(400, 'DCS.4004', 'The request body is empty.'),
  notJson: () => new Refusal(400, 'DCS.4005', 'The request body is not in JSON format.'),
  invalid: (name) => new Refusal(400, 'DCS.4062', `Invalid ${name} parameter in the request.`),
};

/** The error body of DCS. */
export function cacheErrorBody(refusal: Refusal): unknown {
  return { error_code: refusal.code, error_msg: refusal.message, error_ext_msg: null };
}

/**
 * Admits authenticated requests for the emulated project, unless the state of instances forbids all but to follow a
 * job.
 */
export function cacheAdmission(authenticate: Authenticate, knobs: HuaweiKnobs): (request: CallRequest) => void {
  return (request) => {
    authenticate(request.arrived);
    const projectId = request.parameter('project_id');
    if (!/^[A-Za-z0-9]{32}$/.test(projectId)) throw new Refusal(400, 'DCS.4002', 'Invalid project ID format.');
    if (projectId !== PROJECT.id) throw new Refusal(401, 'DCS.1004', 'The project ID does not match the credentials.');
    if (knobs.stateRefusal.startsWith('DCS.') && request.call !== 'show-job') {
      throw new Refusal(400, knobs.stateRefusal, 'This operation is not allowed in the current state of the instance.');
    }
  };
}

/** The instance in the request's path. */
export function instanceOf(request: CallRequest, state: DcsState): CacheInstance {
  const id = request.parameter('instance_id');
  if (!UUID.test(id)) throw new Refusal(400, 'DCS.4061', 'Invalid instance ID format.');
  const found = state.instances.find((instance) => instance.id === id);
  if (!found) throw new Refusal(404, 'DCS.3022', 'The instance does not exist.');
  return found;
}

/** The node of the instance; its id may be a UUID or 32 hexadecimal digits. */
export function cacheNode(instance: CacheInstance, id: string): CacheNode {
  const found = UUID.test(id) || HEX_ID.test(id) ? instance.nodes.find((node) => node.id === id) : undefined;
  if (!found) throw new Refusal(400, 'DCS.3053', 'Incorrect node ID.');
  if (clientNodes(instance).includes(found)) return found;
  throw new Refusal(400, 'DCS.4027', 'The node does not support this operation.');
}

/** The nodes that clients are connected to: the proxies where an instance has any. */
export function clientNodes(instance: CacheInstance): readonly CacheNode[] {
  const proxies = instance.nodes.filter((node) => node.type === 'proxy');
  return proxies.length > 0 ? proxies : instance.nodes;
}

/** The job id in the request's path. */
export function jobIdOf(request: CallRequest): string {
  const id = request.parameter('job_id');
  if (!HEX_ID.test(id)) throw new Refusal(400, 'DCS.4070', 'Invalid task ID format.');
  return id;
}
