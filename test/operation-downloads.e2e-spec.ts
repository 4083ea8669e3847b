import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { get, type IncomingMessage } from 'node:http';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, listOf, openGateway, operationOf, problemOf, type Gateway } from './gateway.ts';
import { until } from './until.ts';

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

const flush = async (body: object = {}): Promise<string> =>
  operationOf(await gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'], ...body } })).id;
const download = (accept: string, query = '', key: string = demoKeys.operator) =>
  gateway.call('GET', `/operations${query}`, { headers: { accept }, key });

/** More than one piece of a download. */
async function many(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 50) {
    const all = Array.from({ length: Math.min(50, count - index) }, () =>
      flush({ dryRun: true, reason: 'r'.repeat(400) }),
    );
    ids.push(...(await Promise.all(all)));
  }
  return ids.toSorted().toReversed();
}

/** An answer that is not read further than its first piece. */
function unread(query: string): Promise<IncomingMessage> {
  const headers = { 'x-api-key': demoKeys.operator, accept: 'application/x-ndjson' };
  return new Promise((resolve, reject) => {
    get(`${gateway.url}/operations${query}`, { headers, agent: false }, (answer) => {
      answer.once('readable', () => {
        resolve(answer);
      });
    }).on('error', reject);
  });
}

describe('operations as lines', () => {
  it('are told as the list tells them, each a line of JSON', async () => {
    for (const reason of ['one', 'two', 'three']) await flush({ reason, onBehalfOf: 'sue' });
    const answer = await download('application/x-ndjson');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="operations.ndjson"',
      'cache-control': 'no-store',
    });
    expect(answer.text.endsWith('\n')).toBe(true);
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual(listOf(await gateway.call('GET', '/operations')).items);
    const some = await download('application/x-ndjson', '?limit=2&text=T&onBehalfOf=sue');
    expect(some.text.trimEnd().split('\n')).toEqual(lines.slice(0, 2).map((line) => JSON.stringify(line)));
    expect((await download('application/x-ndjson', '?text=%25')).text).toBe('');
  });

  it('are told as CSV, in which nothing is a formula', async () => {
    const id = await flush({ reason: '=HYPERLINK("http://evil","x"),1', onBehalfOf: '@sue' });
    const answer = await download('text/csv');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const [head = '', line = '', ...rest] = answer.text.split('\r\n');
    expect(rest).toEqual(['']);
    expect(head.split(',').slice(0, 13).join()).toBe(
      'id,createdAt,endedAt,kind,mode,state,dryRun,requestedBy,requestedByName,onBehalfOf,reason,requestId,targets',
    );
    expect(line).toContain(`${id},`);
    expect(line).toContain(`,'@sue,"'=HYPERLINK(""http://evil"",""x""),1",`);
    expect((await download('text/csv', '?text=none')).text).toBe(`${head}\r\n`);
  });

  it('are all of them, whatever a page holds, and of each caller his own', async () => {
    const ids = await many(450);
    const all = await download('text/csv', '?dryRun=true');
    expect(
      all.text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual(ids);
    expect((await download('application/x-ndjson', '?dryRun=true', demoKeys.viewer)).text).toBe('');
    const list = listOf(await gateway.call('GET', '/operations?dryRun=true&limit=300'));
    const rest = await download('text/csv', `?dryRun=true&pageToken=${String(list.nextPageToken)}`);
    expect(
      rest.text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual(ids.slice(300));
  }, 60_000);

  it('leave nothing open where their caller hangs up', async () => {
    await many(250);
    const open = await Promise.all(Array.from({ length: 8 }, () => unread('?dryRun=true').catch(() => null)));
    for (const answer of open) answer?.destroy();
    const again = await until(
      () => download('text/csv', '?dryRun=true'),
      ({ status }) => status === 200,
    );
    expect(again.text.trimEnd().split('\r\n')).toHaveLength(251);
  }, 60_000);

  it('are a problem where the query is wrong or the caller unknown', async () => {
    expect(problemOf(await download('text/csv', '?limit=0')).errors?.[0]?.parameter).toBe('limit');
    expect(problemOf(await download('text/csv', '?pageToken=e30')).code).toBe('invalid-request');
    expect((await gateway.call('GET', '/operations', { headers: { accept: 'text/csv' }, key: null })).status).toBe(401);
    expect((await download('text/html')).headers['content-type']).toContain('application/json');
  });
});
