import { ACCESS_KEYS, DOMAIN, PROJECT, USER } from '../../sandbox/huawei/account.ts';
import { DCS } from '../../sandbox/huawei/dcs/seed.ts';
import { GAUSSDB } from '../../sandbox/huawei/gaussdb/seed.ts';
import { TAURUSDB } from '../../sandbox/huawei/taurusdb/seed.ts';
import type { Vendors } from '../../sandbox/vendors.ts';

interface Place {
  readonly instanceId: string;
  readonly nodeId: string;
  readonly componentId?: string;
}

/** Where official clients are to call, and as whom. They are told no project id. */
export interface Wish {
  readonly by: 'token' | 'keys';
  readonly access: string;
  readonly secret: string;
  readonly securityToken?: string;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly region: string;
  readonly endpoints: Pick<Vendors['urls'], 'iam' | 'gaussdb' | 'taurusdb' | 'dcs'>;
  readonly places: Readonly<Record<'gaussdb' | 'taurusdb' | 'dcs', Place>>;
}

/** How clients prove who they are. */
export const identities = ['token', 'keys', 'temporary keys'] as const;

/** What to ask of a client that calls these vendors with that proof. */
export function wishFor({ urls }: Vendors, identity: (typeof identities)[number]): Wish {
  const temporary = identity === 'temporary keys';
  const key = ACCESS_KEYS.find(({ securityToken }) => (securityToken !== undefined) === temporary)!;
  return {
    by: identity === 'token' ? 'token' : 'keys',
    ...key,
    domain: DOMAIN.name,
    user: USER.name,
    password: USER.password,
    region: PROJECT.name,
    endpoints: { iam: urls.iam, gaussdb: urls.gaussdb, taurusdb: urls.taurusdb, dcs: urls.dcs },
    places: {
      gaussdb: { instanceId: GAUSSDB.instanceId, nodeId: GAUSSDB.nodeId, componentId: 'cn_5001' },
      taurusdb: { instanceId: TAURUSDB.instanceId, nodeId: TAURUSDB.nodeId },
      dcs: { instanceId: DCS.instanceId, nodeId: DCS.nodeId },
    },
  };
}
