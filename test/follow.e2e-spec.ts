import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, operationOf, type Gateway } from './gateway.ts';
import { threadsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
});
beforeEach(async () => {
  vendors.reset();
  gateway = await openGateway({ vendors, signed: true });
});
afterEach(() => gateway.close());
afterAll(() => vendors.close());

interface Told {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly operation?: { readonly state: string }; readonly target?: string };
}

const ask = (id: string, headers: Record<string, string> = {}, key: string = demoKeys.operator) =>
  fetch(`${gateway.url}/operations/${id}/events`, { headers: { 'x-api-key': key, ...headers } });

const read = (text: string): readonly Told[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      return { id: Number(id), event: event ?? '', data: JSON.parse(data ?? '') as Told['data'] };
    });

async function begun(): Promise<string> {
  vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 800 });
  const body = { target: 'orders', node: 'primary', ids: [...threadsOf(vendors)].slice(0, 25) };
  const options = { body, headers: { prefer: 'respond-async' } };
  return operationOf(await gateway.call('DELETE', '/processes', options)).id;
}

describe('an operation that is followed', () => {
  it('is told as it happens, to its end, and from any place on', async () => {
    const id = await begun();
    const answer = await ask(id);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const all = read(await answer.text());
    expect(all.map(({ id: place }) => place)).toEqual(all.map((_, index) => index));
    expect(all.map(({ event }) => event)).toEqual(expect.arrayContaining(['prepared', 'listed', 'started', 'closed']));
    expect(all.at(-1)).toMatchObject({ event: 'over', data: { operation: { state: 'succeeded' } } });
    const rest = read(await (await ask(id, { 'last-event-id': '2' })).text());
    expect(rest.map(({ id: place }) => place)).toEqual(all.slice(3).map(({ id: place }) => place));
  });

  it('is nobody else’s, and has places alone', async () => {
    const id = await begun();
    expect((await ask(id, {}, demoKeys.viewer)).status).toBe(404);
    expect((await ask(id, { 'last-event-id': 'x' })).status).toBe(400);
    await (await ask(id)).text();
  });

  it('is followed at most fifty times by one caller, and no longer than the replica runs', async () => {
    const flush = { targets: ['carts'], mode: 'forced', reason: 'drill', approval: 'request' };
    const { id } = operationOf(await gateway.call('POST', '/sessions/flush', { body: flush }));
    const open = await Promise.all(Array.from({ length: 50 }, () => ask(id)));
    expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
    expect((await ask(id)).status).toBe(429);
    const ends = Promise.all(open.map((answer) => answer.text()));
    await gateway.close();
    expect((await ends)[0]).toContain('event: awaiting');
    gateway = await openGateway({ vendors, signed: true });
  });
});
