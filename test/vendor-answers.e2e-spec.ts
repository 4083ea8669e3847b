import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.ts';
import { mutationsOf, primary } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

afterEach(() => gateway.close());

beforeEach(() => {
  vendors.reset();
});

async function open(options: { readonly signed?: boolean; readonly traffic?: object } = {}): Promise<void> {
  gateway = await openGateway({ vendors, signed: true, ...options });
}

interface Told {
  readonly status?: number;
  readonly retryAfter?: number;
  readonly times?: number;
  readonly contains?: string;
}

/** What a vendor answers to a call from now on: each character one byte. */
function tell(call: string, body: string, { status = 200, ...more }: Told = {}): void {
  vendors.faults.add({
    ...{ kind: 'reply', status, contentType: 'application/json', encoding: 'latin1', body, call },
    ...more,
  });
}

const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const look = (query: string): Promise<Answer> => gateway.call('GET', `/processes?${query}`);
const one = 'target=orders&node=primary&id=2075425';
const killed = ['delete-processes', '{"processes":[2075425]}'];

describe('a body that is no UTF-8', () => {
  const refusal = '{"error_code":"DBS.280001","error_msg":"\xd3\xc3\xbb\xa7"}';

  it('with 400 is a refusal all the same: nothing was done', async () => {
    await open();
    tell('delete-processes', refusal, { status: 400 });
    const answer = await kill(one);
    expect([answer.status, answer.headers['sluice-state']]).toEqual([502, 'failed']);
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-rejected', upstream: { httpStatus: 400 } });
    expect(mutationsOf(vendors)).toEqual([killed]);
    expect(vendors.huawei.taurusdb.threads(primary).some(({ id }) => id === 2_075_425n)).toBe(true);
  });

  it('with 401 has the token renewed, once', async () => {
    await open({ signed: false });
    tell('delete-processes', refusal, { status: 401, times: 1 });
    expect((await kill(one)).status).toBe(200);
    expect(mutationsOf(vendors)).toEqual([killed, killed]);
    expect(vendors.journal.of('tokens')).toHaveLength(2);
  });

  it('with 429 is waited for', async () => {
    await open();
    tell('delete-processes', refusal, { status: 429, retryAfter: 1, times: 1 });
    expect((await kill(one)).status).toBe(200);
    const [first, second] = vendors.journal.of('delete-processes');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(mutationsOf(vendors)).toEqual([killed, killed]);
  });

  it('with the 401 of IAM keeps the password from being tried again and again', async () => {
    await open({ signed: false });
    tell('tokens', refusal, { status: 401 });
    for (let attempt = 0; attempt < 4; attempt += 1) expect((await look('target=orders')).status).toBe(502);
    expect(vendors.journal.of('tokens')).toHaveLength(1);
  });
});

describe('a list of TaurusDB', () => {
  const row = (id: string, more = '') =>
    `{"id":${id},"user":"web","host":"10.0.0.7:50123","db":"shop","command":"Sleep","time":4000,"state":""${more}}`;
  const rows = (...all: readonly string[]) => `{"processes":[${all.join(',')}],"total_count":${all.length}}`;

  beforeEach(async () => {
    await open({ traffic: { breaker: { failures: 1, openMs: 60_000 } } });
    tell('delete-processes', '{"processes_killed":[7],"processes_not_found":[]}');
  });

  it.each([
    ['with a statement of binary data is whole', rows(row('7', ',"info":"insert \x89PNG\xff\xfe"')), true, ['7']],
    ['with a row without an id costs that row', rows('{"user":"web"}', row('7')), false, ['7']],
    ['with a row that is none costs that row', rows('null', row('7')), false, ['7']],
    ['with an id that somebody rounded costs that row', rows(row('9007199254740993.0'), row('7')), false, ['7']],
    ['with an id in powers of ten costs that row', rows(row('9.007199254740993e15'), row('7')), false, ['7']],
    ['that is null is empty', '{"processes":null,"total_count":0}', true, []],
    ['that is absent is empty', '{"total_count":0}', true, []],
  ])('%s', async (_name, body, complete, ids) => {
    tell('list-processes', body, { contains: primary.nodeId });
    const { items, targets } = lookOf(await look('target=orders&node=primary'));
    expect([items.map(({ id }) => id), targets[0]?.complete]).toEqual([ids, complete]);
    const answer = await kill('target=orders&node=primary&user=web&state=idle');
    expect(answer.status).toBe(200);
    const sent = mutationsOf(vendors);
    expect(sent).toEqual(ids.length === 0 ? [] : [['delete-processes', '{"processes":[7]}']]);
  });
});

describe('a refusal for what is done to a DCS instance', () => {
  beforeEach(() => open());

  it.each(['4026', '4049', '4096', '4097', '4111', '4113', '4115', '4118', '4120', '4121', '4231', '4957', '4975'])(
    'DCS.%s is a conflict, which a look waits for and a kill tells',
    async (code) => {
      const body = `{"error_code":"DCS.${code}","error_msg":"not now"}`;
      tell('scan-clients', body, { status: 400, times: 1 });
      const { items } = lookOf(await look('target=carts&limit=1000'));
      const [first] = items.filter((item) => item.protected === null);
      tell('kill-clients', body, { status: 400 });
      const query = `target=carts&node=${String(first?.node)}&id=${String(first?.id)}`;
      const answer = await kill(query);
      expect([answer.status, problemOf(answer).code]).toEqual([409, 'upstream-conflict']);
      expect(mutationsOf(vendors)).toEqual([
        ['kill-clients', JSON.stringify({ node_id: first?.node, client_addrs: [first?.id] })],
      ]);
    },
  );
});

describe('the marks of a pool', () => {
  it('are looked at again and again, and the last look is told, whether anything changed or not', async () => {
    await open();
    const answer = await gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] } });
    const { id, targets } = operationOf(answer);
    const first = targets[0]?.drain?.checkedAt ?? '';
    const looks = vendors.journal.of('samstatus').length;
    await vendors.journal.ended(await vendors.journal.arrival('samstatus', looks + 1));
    const checkedAt = async () =>
      operationOf(await gateway.call('GET', `/operations/${id}`)).targets[0]?.drain?.checkedAt ?? '';
    expect(first).not.toBe('');
    const deadline = Date.now() + 15_000;
    while ((await checkedAt()) <= first && Date.now() < deadline) await vendors.journal.arrival('samstatus', looks + 1);
    expect((await checkedAt()) > first).toBe(true);
    expect(mutationsOf(vendors).map(([call]) => call)).toEqual(['flushpool']);
  });
});

describe('an error of Huawei Cloud in another form', () => {
  beforeEach(() => open());

  it.each([
    ['a list of errors', '{"errors":[{"error_code":"DBS.1","error_msg":"told"}]}', 'DBS.1', 'told'],
    ['an object', '{"error":{"code":"DBS.1","message":"told"}}', 'DBS.1', 'told'],
    ['as OAuth does', '{"error":"DBS.1","error_description":"told"}', 'DBS.1', 'told'],
    ['its gateway’s words', '{"errCode":"DBS.1","externalMessage":"told"}', 'DBS.1', 'told'],
  ])('is told: %s', async (_name, body, code, message) => {
    tell('delete-processes', body, { status: 400 });
    const answer = await kill(one);
    expect(answer.status).toBe(502);
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-rejected', upstream: { code, message } });
    expect(mutationsOf(vendors)).toEqual([killed]);
  });

  it.each([
    '"error_code":"DBS.200005"',
    '"errCode":"DBS.200005"',
    '"error":{"code":"DBS.200005"}',
    '"error":"failed"',
    '"errors":[{"message":"failed"}]',
  ])('beside success proves neither: %s', async (error) => {
    tell('delete-processes', `{"processes_killed":[2075425],"processes_not_found":[],${error}}`);
    const answer = await kill(one);
    expect([answer.status, answer.headers['sluice-state']]).toEqual([424, 'unknown']);
    expect(mutationsOf(vendors)).toEqual([killed]);
  });

  it.each(['"error_code":null', '"error_code":""', '"error":null', '"errors":[]', '"error":{}'])(
    'that says nothing is none: %s',
    async (error) => {
      tell('delete-processes', `{"processes_killed":[2075425],"processes_not_found":[],${error}}`);
      expect((await kill(one)).status).toBe(200);
    },
  );
});
