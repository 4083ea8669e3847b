import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DCS } from '../../sandbox/huawei/dcs/seed.ts';
import type { Vendors } from '../../sandbox/vendors.ts';
import { ask } from '../faults/ask.ts';

/** What a caller may do to fill the memory of a gateway: each does it for so many milliseconds. */
export type WorstCall = (url: string, milliseconds: number) => Promise<void>;

/** So many caches with so many clients each, by their ids. */
export function addCaches(vendors: Vendors, count: number, clients: number): readonly string[] {
  const { dcs } = vendors.huawei;
  const place = { instanceId: DCS.instanceId, nodeId: DCS.nodeId };
  for (let index = 0; index < clients; index += 1) dcs.addClient(place);
  const listed = dcs.clients(place).slice(-clients);
  const nodes = [
    { id: DCS.nodeId, type: 'master' as const, status: 'Active', ip: '192.168.0.90', clients: listed, listing: null },
  ];
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) dcs.addInstance({ id, nodes: structuredClone(nodes) });
  return ids;
}

/** Serves a key set without an end. */
export async function endlessKeys(): Promise<{ readonly url: string; readonly server: Server }> {
  const piece = `{"kty":"RSA","kid":"k","n":"${'A'.repeat(65_000)}","e":"AQAB"},`;
  const server = createServer((_request, answer) => {
    answer.on('error', () => undefined);
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.write('{"keys":[');
    const more = (): void => {
      while (!answer.destroyed && answer.write(piece));
    };
    answer.on('drain', more);
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/keys`, server };
}

/** Sixty connections without credentials, each of which asks and asks, and reads nothing. */
export const pipelineUnread: WorstCall = async (url, milliseconds) => {
  const { hostname, port } = new URL(url);
  const asked = `GET /targets HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(200);
  const sockets: Socket[] = [];
  const open = (): void => {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    const push = (): void => {
      while (!socket.destroyed && socket.write(asked));
    };
    socket.on('error', () => undefined);
    socket.on('connect', push);
    socket.on('drain', push);
    socket.pause();
  };
  for (let index = 0; index < 60; index += 1) open();
  await sleep(milliseconds);
  for (const socket of sockets) socket.destroy();
};

/** Kills of a thousand that are nowhere, and then lists of the records that they leave, by eight callers at once. */
export const writeAndList: WorstCall = (url, milliseconds) =>
  together(8, milliseconds, async (turn) => {
    const ids = Array.from({ length: 1000 }, (_, index) => String(1_000_000 * (turn + 1) + index));
    await ask(url, 'DELETE', '/processes', { body: { target: 'orders', node: 'primary', ids } });
    const { body } = await ask(url, 'GET', '/operations?limit=1000');
    const [last] = (body['items'] ?? []) as { readonly id: string }[];
    if (last) await ask(url, 'GET', `/operations/${last.id}`);
  });

/** Dry runs of flushes of many targets with long lists, by four callers at once. */
export const foreseeFlushes =
  (targets: readonly string[]): WorstCall =>
  (url, milliseconds) =>
    together(4, milliseconds, async () => {
      await ask(url, 'POST', '/sessions/flush', { body: { targets, minIdleSeconds: 0, dryRun: true } });
    });

/** Looks at long lists, by sixteen callers at once. */
export const lookAtAll =
  (targets: readonly string[]): WorstCall =>
  (url, milliseconds) =>
    together(16, milliseconds, async (turn) => {
      const target = targets[turn % targets.length] ?? '';
      await ask(url, 'GET', `/processes?target=${target}&limit=10000`);
    });

/** Tokens whose keys are looked for in a set without an end. */
export const sendTokens =
  (issuer: string): WorstCall =>
  (url, milliseconds) =>
    together(4, milliseconds, async (turn) => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { iss: issuer, aud: 'sluice', sub: 's', exp: 4_000_000_000 };
      const token = `${part({ alg: 'RS256', kid: `k${turn}` })}.${part(claims)}.${part({})}`;
      const answer = await fetch(`${url}/targets`, { headers: { authorization: `Bearer ${token}` } });
      await answer.text();
      await sleep(50);
    });

/** Some callers at once, each of which calls again and again. An answer that refuses a call is one, too. */
async function together(callers: number, milliseconds: number, call: (turn: number) => Promise<void>): Promise<void> {
  const endAt = performance.now() + milliseconds;
  let turn = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < endAt) await call((turn += 1));
  };
  await Promise.all(Array.from({ length: callers }, lane));
}
