import { PROJECT } from './account.ts';
import type { Authenticate } from './identity/authentication.ts';
import type { HuaweiKnobs } from './knobs.ts';
import { Refusal } from './refusal.ts';
import type { Complaints } from './refusal.ts';
import type { CallRequest } from './service.ts';

/** How the database services (error codes `DBS.…`) refuse a malformed request. */
export const DATABASE_COMPLAINTS: Complaints = {
  contentType: () => new Refusal(400, 'DBS.280001', 'Parameter error: Content-Type must be application/json.'),
  emptyBody: () => new Refusal(400, 'DBS.200006', 'The request body is empty.'),
  notJson: () => new Refusal(400, 'DBS.280001', 'Parameter error: the request body is not a JSON object.'),
  invalid: (name) => new Refusal(400, 'DBS.280001', `Parameter error: ${name}.`),
};

/** The error body of the database services. */
export function databaseErrorBody(refusal: Refusal): unknown {
  return { error_code: refusal.code, error_msg: refusal.message };
}

/** Admits authenticated requests for the emulated project, unless the state of instances forbids any. */
export function databaseAdmission(authenticate: Authenticate, knobs: HuaweiKnobs): (request: CallRequest) => void {
  return (request) => {
    authenticate(request.arrived);
    const projectId = request.parameter('project_id');
    if (!/^[A-Za-z0-9]{32}$/.test(projectId)) throw new Refusal(400, 'DBS.280408', 'Invalid project ID.');
    if (projectId !== PROJECT.id)
      throw new Refusal(403, 'DBS.280015', 'The resource is not found or access is denied.');
    if (knobs.stateRefusal.startsWith('DBS.')) {
      throw new Refusal(409, knobs.stateRefusal, 'Another operation of the DB instance does not allow this one.');
    }
  };
}

/** The instance with that id among those of the service; a malformed or unknown id is refused. */
export function findInstance<Instance extends { readonly id: string }>(
  instances: readonly Instance[],
  id: string,
  format: RegExp,
): Instance {
  if (!format.test(id)) throw new Refusal(400, 'DBS.280404', 'Invalid instance ID format.');
  const found = instances.find((instance) => instance.id === id);
  if (!found) throw new Refusal(404, 'DBS.200002', 'The DB instance does not exist.');
  return found;
}

/** The node with that id among those of the instance; a malformed or foreign id is refused. */
export function findNode<Node extends { readonly id: string }>(
  nodes: readonly Node[],
  id: string,
  format: RegExp,
): Node {
  if (!format.test(id)) throw new Refusal(400, 'DBS.280407', 'Invalid node ID.');
  const found = nodes.find((node) => node.id === id);
  if (!found) throw new Refusal(400, 'DBS.216030', 'The node does not belong to the instance.');
  return found;
}
