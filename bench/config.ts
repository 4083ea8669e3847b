import { createHash } from 'node:crypto';
import {
  apiKey,
  cacheId,
  cacheNode,
  databaseId,
  databaseNode,
  ordinary,
  password,
  project,
  type Scene,
} from './scene.ts';

/** Read by Sluice from its environment. */
export const environment = { TENTEN_PASSWORD: password, IAM_PASSWORD: password } as const;

export interface SluiceOptions {
  readonly port: number;
  readonly vendors: number;
  readonly store: object;
  /** Without keys: everybody on this machine may do everything. */
  readonly open?: boolean;
  readonly scene?: Scene;
}

/**
 * The configuration of Sluice complete. Caps that would be what is measured are raised. JSON is YAML.
 *
 * @public The bench of another copy is asked for its own.
 */
export function sluiceConfig({ port, vendors, store, open = false, scene = ordinary }: SluiceOptions): string {
  const origin = `http://127.0.0.1:${String(vendors)}`;
  const concurrency = { inFlight: 1000, queue: 10_000 };
  const key = { name: 'bench', sha256: createHash('sha256').update(apiKey).digest('hex') };
  return JSON.stringify({
    server: { host: '127.0.0.1', port, drain: { delaySeconds: 0, timeoutSeconds: 1 } },
    store,
    limits: {
      caller: { requests: 1_000_000, seconds: 1 },
      records: { megabytes: 1_000_000, seconds: 1 },
    },
    auth: open ? { anonymous: 'operator' } : { apiKeys: [{ ...key, grants: [{ role: 'operator', targets: ['*'] }] }] },
    connections: {
      tenten: {
        vendor: '1010data',
        url: `${origin}/gw.k`,
        uid: 'acme_owner',
        password: { env: 'TENTEN_PASSWORD' },
        concurrency,
      },
      huawei: {
        vendor: 'huawei',
        projectId: project,
        auth: { iam: { url: origin, domain: 'acme', user: 'sluice', password: { env: 'IAM_PASSWORD' } } },
        endpoints: { taurusdb: origin, dcs: origin },
        concurrency,
      },
    },
    targets: [
      ...[...scene.pools, ...scene.slowPools].map((name) => ({
        ...{ name, backend: '1010data', connection: 'tenten', pool: name },
      })),
      ...scene.caches.map((name) => ({
        ...{ name, backend: 'dcs', connection: 'huawei', instanceId: cacheId(name), nodes: [{ id: cacheNode }] },
      })),
      ...scene.databases.map((name) => ({
        ...{ name, backend: 'taurusdb', connection: 'huawei', instanceId: databaseId(name) },
        nodes: scene.nodes.map((node) => ({ name: node, id: databaseNode(node) })),
        killsPerMinute: 100_000,
      })),
    ],
  });
}

/** Hands the one call on that needs no translation: what a proxy alone costs. */
export function nginxConfig(folder: string, port: number, vendors: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `${user} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000;
  ${temporary.map((name) => `${name}_temp_path ${folder}/nginx-${name};`).join(' ')}
  upstream vendors { server 127.0.0.1:${String(vendors)}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${String(port)};
    location = /ready { return 200; }
    location / {
      proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_pass http://vendors/gw.k?api=resetpool&apiversion=3&uid=acme_owner&pswd=${password}&gid=pool_1;
    }
  }
}
`;
}
