import { createHash } from 'node:crypto';
import { huaweiServiceNames, huaweiServices } from './huawei/services.ts';
import type { Vendors } from './vendors.ts';

/** The keys that open the sandbox: one a role. They are no secrets. */
export const demoKeys = {
  admin: 'sandbox-admin-key',
  operator: 'sandbox-demo-key',
  viewer: 'sandbox-viewer-key',
} as const;

/** What the gateway finds in its environment: the secrets of the emulated vendors. */
export const gatewayEnvironment = {
  TENTEN_PASSWORD: 'ownerPass1',
  IAM_PASSWORD: 'iamPass!1',
  HUAWEI_AK: 'SANDBOXACCESSKEY0001',
  HUAWEI_SK: 'sandboxSecretKey000000000000000000000001',
} as const;

export interface GatewayOptions {
  readonly host?: string;
  readonly port?: number;
  /** Calls Huawei by signed requests instead of a token. */
  readonly signed?: boolean;
  readonly server?: object;
  /** With targets for the loaded instances: `archive` and `billing`. */
  readonly loaded?: boolean;
  /** Members that every connection gets: timeouts, breaker, concurrency. */
  readonly traffic?: object;
}

/** Instances with more sessions than anybody wants to read. */
const loadedTargets = [
  {
    name: 'archive',
    backend: 'taurusdb',
    connection: 'huawei',
    instanceId: 'b34fc73ce72f5fafa747fe3336f406cfin07',
    nodes: [{ name: 'primary', id: '39774a37fbdc554ea9ed31f9731f39f3no07' }],
  },
  {
    name: 'billing',
    backend: 'gaussdb',
    connection: 'huawei',
    instanceId: '4e4ad29899c65b02acbc744985d26ae0in14',
  },
];

/** The configuration of a gateway in front of the emulated vendors. JSON is YAML. */
export function gatewayConfig(urls: Vendors['urls'], options: GatewayOptions = {}): string {
  const { host = '127.0.0.1', port = 0, signed = false, server = {}, traffic = {}, loaded = false } = options;
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
  const iam = { url: urls.iam, domain: 'acme', user: 'sluice', password: { env: 'IAM_PASSWORD' } };
  const aksk = { accessKey: { env: 'HUAWEI_AK' }, secretKey: { env: 'HUAWEI_SK' } };
  const everywhere = (role: string) => [{ role, targets: ['*'], ...(role === 'admin' && { statements: true }) }];
  return JSON.stringify(
    {
      server: { host, port, drain: { delaySeconds: 0 }, ...server },
      store: { memory: {} },
      auth: {
        apiKeys: Object.entries(demoKeys).map(([role, key]) => ({
          name: `demo-${role}`,
          sha256: sha256(key),
          grants: everywhere(role),
        })),
        jwt: [
          {
            issuer: urls.issuer,
            audience: 'sluice',
            jwksUrl: urls.jwks,
            grants: [{ claim: 'groups', value: 'dba', role: 'operator', targets: ['*'], statements: true }],
          },
        ],
      },
      connections: {
        tenten: {
          vendor: '1010data',
          url: urls.tentendata,
          uid: 'acme_owner',
          password: { env: 'TENTEN_PASSWORD' },
          ...traffic,
        },
        huawei: {
          vendor: 'huawei',
          projectId: '0611f1bd8b00d5d32f17c017f15b599f',
          auth: signed ? { aksk } : { iam },
          endpoints: Object.fromEntries(huaweiServiceNames.map((name) => [name, urls[name]])),
          ...traffic,
        },
      },
      targets: [
        { name: 'bi-pool', backend: '1010data', connection: 'tenten', pool: 'acme_pool', labels: { env: 'sandbox' } },
        { name: 'bi-user', backend: '1010data', connection: 'tenten' },
        ...huaweiServiceNames.flatMap((backend) =>
          huaweiServices[backend].targets.map(({ name, ...target }) => ({
            ...{ name, backend, connection: 'huawei' },
            ...target,
          })),
        ),
        ...(loaded ? loadedTargets : []),
      ],
    },
    null,
    2,
  );
}
