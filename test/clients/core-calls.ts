import { createRequire } from 'node:module';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wish } from './wish.ts';

/**
 * Makes every call that Sluice makes by the official Node core. Reads where and as whom from stdin, tells what came of
 * each.
 */

interface Client {
  sendRequest(options: object): Promise<Record<string, unknown>>;
}

interface Builder {
  withCredential(credential: unknown): Builder;
  withRegion(region: unknown): Builder;
  build(): Client;
}

interface Credential {
  withAk(access: string): Credential;
  withSk(secret: string): Credential;
  withSecurityToken(token: string): Credential;
  withIamEndpoint(url: string): Credential;
  getProjectId?(): string;
  readonly projectId?: string;
}

interface Core {
  readonly BasicCredentials: new () => Credential;
  readonly ClientBuilder: new (init: (client: Client) => Client) => Builder;
  readonly Region: new (id: string, endpoint: string) => unknown;
}

function coreOf(folder: string): Core {
  const load = createRequire(join(folder, 'package.json'));
  const core = load('@huaweicloud/huaweicloud-sdk-core') as Omit<Core, 'ClientBuilder' | 'Region'>;
  const { ClientBuilder } = load('@huaweicloud/huaweicloud-sdk-core/ClientBuilder') as Pick<Core, 'ClientBuilder'>;
  const { Region } = load('@huaweicloud/huaweicloud-sdk-core/region/region') as Pick<Core, 'Region'>;
  // It logs headers and bodies to where we tell what came of the calls.
  (load('log4js') as { configure(options: object): void }).configure({
    appenders: { none: { type: 'stderr' } },
    categories: { default: { appenders: ['none'], level: 'off' } },
  });
  return { ...core, ClientBuilder, Region };
}

async function main(): Promise<void> {
  const wish = (await json(process.stdin)) as Wish & { readonly core: string };
  const { BasicCredentials, ClientBuilder, Region } = coreOf(wish.core);
  const credential = new BasicCredentials().withAk(wish.access).withSk(wish.secret).withIamEndpoint(wish.endpoints.iam);
  if (wish.securityToken !== undefined) credential.withSecurityToken(wish.securityToken);
  const told: Record<string, unknown> = {};

  async function send(service: 'gaussdb' | 'taurusdb' | 'dcs', line: string, data?: object, queryParams: object = {}) {
    const [method, url] = line.split(' ');
    const region = new Region(wish.region, wish.endpoints[service]);
    const client = new ClientBuilder((made) => made).withCredential(credential).withRegion(region).build();
    const { instanceId, nodeId } = wish.places[service];
    const pathParams = { instance_id: instanceId, node_id: nodeId };
    const contentType = 'application/json';
    return client.sendRequest({ method, url, pathParams, queryParams, headers: {}, contentType, data });
  }

  const { nodeId, componentId } = wish.places.gaussdb;
  const place = { node_id: nodeId, component_id: componentId };
  const ledger = '/v3/{project_id}/instances/{instance_id}';
  const listed = await send('gaussdb', `POST ${ledger}/real-time-session`, place);
  told['real-time-session'] = listed.sessions;
  const [first] = listed.sessions as { session_id: string }[];
  told['kill-session'] = await send('gaussdb', `POST ${ledger}/kill-session`, {
    ...place,
    session_ids: [first?.session_id],
  });
  told['kill-free-session'] = await send('gaussdb', `POST ${ledger}/kill-free-session`, place);

  const threads = '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes';
  const page = await send('taurusdb', `GET ${threads}`, undefined, { offset: 0, limit: 100 });
  told['list-processes'] = page;
  const [thread] = page.processes as { id: number }[];
  told['delete-processes'] = await send('taurusdb', `DELETE ${threads}`, { processes: [thread?.id, 999_999_999] });

  const carts = '/v2/{project_id}/instances/{instance_id}';
  const node = wish.places.dcs.nodeId;
  const follow = async ({ job_id: job }: Record<string, unknown>): Promise<unknown> => {
    for (;;) {
      const shown = await send('dcs', `GET /v2/{project_id}/jobs/${String(job)}`);
      if (shown.status === 'SUCCESS' || shown.status === 'FAIL') return shown;
      await sleep(20);
    }
  };
  told['logical-nodes'] = (await send('dcs', `GET ${carts}/logical-nodes`)).nodes;
  const scan = { node_id: node, clean_cache: true };
  told['scan-clients, show-job'] = await follow(await send('dcs', `POST ${carts}/clients`, scan));
  const clients = await send('dcs', `GET ${carts}/clients`, undefined, { node_id: node, offset: 0, limit: 1000 });
  told['list-clients'] = clients;
  const [client] = clients.clients as { peer: string }[];
  const kill = { node_id: node, client_addrs: [client?.peer] };
  told['kill-clients'] = (await send('dcs', `POST ${carts}/clients/kill`, kill)).httpStatusCode;
  const all = await send('dcs', `POST ${carts}/clients/kill-all`, { kill_all_nodes: true });
  told['kill-all-clients, show-job'] = await follow(all);
  told.project = credential.projectId;
  process.stdout.write(JSON.stringify(told));
}

await main();
