import type { Vendors } from '../sandbox/vendors.ts';

/** Where the emulators keep what the targets of the gateway show. */
export const primary = {
  instanceId: 'a23fb62bd61e4e9e9636fd2225f395bein07',
  nodeId: '18663926eacb443d98dc20f8620f28f2no07',
} as const;
export const coordinator = {
  instanceId: '3d39c18788b54a919bab633874c159dfin14',
  nodeId: '52c25e148a4a48c293b66ca95565719cno14',
  componentId: 'cn_5001',
} as const;
export const coordinatorNode = `${coordinator.nodeId}/${coordinator.componentId}`;
export const master = {
  instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79',
  nodeId: '8f7ee181-88e2-49b7-a4bf-81f18f93a135',
} as const;

/** Every vendor call that ends or changes something, as the journal names it. */
export const mutating: ReadonlySet<string> = new Set([
  'flushpool',
  'resetpool',
  'session',
  'kill-free-session',
  'kill-session',
  'delete-processes',
  'kill-clients',
  'kill-all-clients',
  'delete-sessions',
  'delete-instance-sessions',
]);

/** The mutating calls that reached any vendor, in order, each with its body. */
export function mutationsOf({ journal }: Vendors): readonly (readonly [string, string])[] {
  return journal
    .all()
    .filter(({ call }) => mutating.has(call))
    .map(({ call, raw }) => [call, raw.body.toString()] as const);
}

/** The threads of TaurusDB's primary node, by their ids. */
export function threadsOf({ huawei }: Vendors): ReadonlySet<string> {
  return new Set(huawei.taurusdb.threads(primary).map(({ id }) => id.toString()));
}
