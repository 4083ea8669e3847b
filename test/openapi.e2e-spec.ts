import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { GAUSSDB } from '../sandbox/huawei/gaussdb/seed.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { failureKinds } from '../src/core/model/failure.js';
import { demoKeys, openGateway, operationOf, problemOf, type CallOptions, type Gateway } from './gateway.ts';
import { committedFile, document, holdToContract } from './openapi-contract.ts';

const root = new URL('..', import.meta.url);

describe('the built program', () => {
  it('is ASCII, so that the heap keeps one byte for each character of its source', () => {
    const folder = new URL('dist/', root);
    // The command line is a program of its own, which ends before its heap matters.
    const files = readdirSync(folder).filter((file) => file.endsWith('.js') && file !== 'cli.js');
    expect(files).toContain('packages.js');
    expect(files.filter((file) => /[\u0080-\uffff]/.test(readFileSync(new URL(file, folder), 'utf8')))).toEqual([]);
  });
});

describe('the committed document', () => {
  it('is what the built program prints', () => {
    const printed = execFileSync(process.execPath, ['dist/openapi.js'], { cwd: root, encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual(JSON.parse(readFileSync(committedFile, 'utf8')));
  });

  it.each([
    'flush ends sessions, it never deletes data (it is not FLUSHALL)',
    'kill ends the connection, not just its statement, and the client may reconnect at once',
  ])('says that %s', (sentence) => {
    expect(readFileSync(committedFile, 'utf8')).toContain(sentence);
  });

  it('names what docs/api.md names: the parameters of the list of operations, and why an item is as it is', () => {
    const page = readFileSync(new URL('docs/api.md', root), 'utf8');
    const wordsOf = (text = '') => [...text.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    const lineOf = (start: string) => wordsOf(page.split('\n').find((line) => line.startsWith(start)));
    const { components, paths } = document as unknown as {
      components: { schemas: Record<string, { properties: Record<string, { description?: string }> }> };
      paths: Record<string, { get: { parameters: { name: string; in: string }[] } }>;
    };
    const asked = paths['/operations']?.get.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    expect(lineOf('`GET /operations` lists').filter((word) => word !== 'nextPageToken')).toEqual(asked);
    const { description } = components.schemas['OperationItem']?.properties['why'] ?? {};
    expect(lineOf('- `why` of an item').slice(1).toSorted()).toEqual(wordsOf(description).toSorted());
  });

  it('describes every schema, member, call and parameter', () => {
    const { components, paths } = document as unknown as {
      components: { schemas: Record<string, { description?: string; properties?: Record<string, object> }> };
      paths: Record<string, Record<string, { summary?: string; description?: string; parameters?: object[] }>>;
    };
    const undescribed = Object.entries(components.schemas).flatMap(([name, { description, properties = {} }]) => [
      ...(description ? [] : [name]),
      ...Object.entries(properties).flatMap(([member, schema]) =>
        'description' in schema ? [] : [`${name}.${member}`],
      ),
    ]);
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const silent = operations.filter(
      ({ summary, description, parameters = [] }) =>
        !summary || !description || parameters.some((parameter) => !('description' in parameter)),
    );
    expect([undescribed, silent]).toEqual([[], []]);
  });
});

describe('what stands in several places', () => {
  it('stands in components once: answers, parameters, headers and enums', () => {
    const { components, paths } = JSON.parse(readFileSync(committedFile, 'utf8')) as {
      components: Record<string, Record<string, object>>;
      paths: Record<string, Record<string, { parameters?: object[]; responses: Record<string, object> }>>;
    };
    const calls = Object.values(paths).flatMap((path) => Object.values(path));
    const written = calls.flatMap(({ parameters = [], responses }) => [...parameters, ...Object.values(responses)]);
    const inline = written.filter((one) => !('$ref' in one)).map((one) => JSON.stringify(one));
    expect(inline.length).toBe(new Set(inline).size);
    expect(Object.keys(components)).toEqual(expect.arrayContaining(['headers', 'parameters', 'responses']));
    expect(Object.keys(components['schemas'] ?? {})).toEqual(
      expect.arrayContaining(['OperationState', 'OperationKind', 'ProblemCode', 'ProcessState', 'Ability']),
    );
  });

  it('leaves no body open for members that nothing documents, and says that a plan stands for targets', () => {
    const { components } = document as unknown as { components: { schemas: Record<string, object> } };
    for (const name of ['Flush', 'Tune', 'Settings', 'Cancel', 'Acknowledge', 'FreezeTargets']) {
      expect(components.schemas[name]).toMatchObject({ additionalProperties: false });
    }
    expect(components.schemas['Flush']).toHaveProperty('oneOf');
  });
});

const coordinator = encodeURIComponent(`${GAUSSDB.nodeId}/cn_5001`);

describe('real answers', () => {
  let vendors: Vendors;
  let gateway: Gateway;

  beforeAll(async () => {
    vendors = await startVendors();
    gateway = await openGateway({ vendors });
  });

  afterEach(() => {
    vendors.reset();
  });

  afterAll(async () => {
    await gateway.close();
    await vendors.close();
  });

  /** One call, held against the document. */
  async function held(method: string, path: string, options?: CallOptions) {
    const answer = await gateway.call(method, path, options);
    holdToContract(method, path, answer);
    return answer;
  }

  const flush = (body: object, options: CallOptions = {}) => held('POST', '/sessions/flush', { body, ...options });

  it.each([
    ['GET', '/targets'],
    ['GET', '/targets/orders'],
    ['GET', '/processes?target=bi-pool&target=ledger&target=orders&target=carts'],
    ['GET', '/processes?target=orders&limit=1&sort=-idleSeconds'],
    ['DELETE', '/processes?target=orders&state=idle&minIdleSeconds=600&dryRun=true'],
    ['DELETE', '/processes?target=orders&user=nobody'],
  ])('to %s %s are as documented', async (method, path) => {
    expect((await held(method, path, { key: demoKeys.admin })).status).toBe(200);
  });

  it('of a flush and a tune are as documented, and so are their records', async () => {
    const flushed = await flush({ targets: ['bi-pool', 'ledger', 'carts'], reason: 'nightly reload' });
    const tuned = await held('POST', '/sessions/tune', {
      body: { target: 'bi-user', settings: { infinityToNa: true, blocking: 3 } },
    });
    const listed = await held('GET', '/operations?limit=1');
    const record = await held('GET', `/operations/${operationOf(flushed).id}`);
    expect([flushed, tuned, listed, record].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('of what still runs are as documented', async () => {
    const answer = await flush({ targets: ['carts'], mode: 'forced' }, { headers: { prefer: 'respond-async' } });
    expect(answer.status).toBe(202);
    const ended = await held('GET', answer.headers['location'] ?? '');
    expect(operationOf(ended).state).toBe('succeeded');
  });

  it('of a dead target beside a living one are as documented', async () => {
    for (const call of ['real-time-session', 'kill-free-session']) {
      vendors.faults.add({ vendor: 'gaussdb', call, kind: 'status', status: 500 });
    }
    const looked = await held('GET', '/processes?target=ledger&target=orders');
    expect([looked.status, looked.headers['sluice-completed']]).toEqual([200, 'false']);
    expect((await held('GET', `/processes?target=ledger&node=${coordinator}`)).status).toBe(503);
    expect((await flush({ targets: ['ledger'] })).status).toBe(424);
    expect((await flush({ targets: ['ledger', 'carts'] })).status).toBe(207);
  });

  it.each<[number, string, string, CallOptions]>([
    [400, 'DELETE', '/processes?target=orders', {}],
    [400, 'POST', '/sessions/flush', { body: { targets: [], mode: 'soft', more: 1 } }],
    [400, 'POST', '/sessions/flush', { body: '{' }],
    [401, 'GET', '/targets', { key: null }],
    [403, 'DELETE', '/processes?target=orders&id=1', { key: demoKeys.viewer }],
    [404, 'GET', '/targets/nobody', {}],
    [404, 'GET', `/targets/${'a'.repeat(257)}`, {}],
    [404, 'GET', '/operations/op_0', {}],
    [413, 'POST', '/sessions/flush', { body: ' '.repeat(300_000) }],
    [414, 'GET', `/processes?target=orders${'&id=1'.repeat(4000)}`, {}],
    [415, 'POST', '/sessions/flush', { body: '{}', headers: { 'content-type': 'text/plain' } }],
    [422, 'GET', '/processes?target=orders&application=psql', {}],
    [431, 'GET', '/targets', { headers: { 'x-more': 'x'.repeat(20_000) } }],
  ])('that are problems are as documented: %s', async (status, method, path, options) => {
    const answer = await held(method, path, options);
    expect([answer.status, failureKinds.includes(problemOf(answer).code)]).toEqual([status, true]);
  });

  it('tell an answer that is not documented', async () => {
    const answer = await gateway.call('GET', '/targets');
    expect(() => {
      holdToContract('GET', '/targets', { ...answer, body: { items: [], more: true } });
    }).toThrow('must NOT have additional properties');
    expect(() => {
      holdToContract('GET', '/targets', { ...answer, status: 201 });
    }).toThrow('the status is not documented');
    expect(() => {
      holdToContract('GET', '/targets', { ...answer, headers: { ...answer.headers, 'x-more': '1' } });
    }).toThrow('the header x-more is not documented');
    const { 'cache-control': _kept, ...headers } = answer.headers;
    expect(() => {
      holdToContract('GET', '/targets', { ...answer, headers });
    }).toThrow('the header Cache-Control is missing');
    const problem = await gateway.call('GET', '/targets', { key: null });
    expect(() => {
      holdToContract('GET', '/targets', { ...problem, body: { ...problemOf(problem), code: 'forbidden' } });
    }).toThrow('the code forbidden is not documented');
  });
});

describe('what documents', () => {
  let gateway: Gateway;

  afterEach(() => gateway.close());

  it('is served to everybody: the document, the page, the types of problems', async () => {
    gateway = await openGateway();
    const get = (path: string, accept = '*/*') => gateway.call('GET', path, { key: null, headers: { accept } });
    const [json, page] = [await get('/openapi.json'), await get('/docs')];
    expect([json.status, page.status, page.headers['content-type']]).toEqual([200, 200, 'text/html']);
    for (const kind of failureKinds) {
      const { status, body } = await get(`/problems/${kind}`);
      expect([status, body]).toEqual([200, expect.objectContaining({ code: kind, type: `/problems/${kind}` })]);
    }
    const readable = await get('/problems/outcome-unknown', 'text/html,application/xhtml+xml,*/*;q=0.8');
    expect([readable.headers['content-type'], readable.text]).toEqual([
      'text/html; charset=utf-8',
      expect.stringContaining('<code>outcome-unknown</code>, status 424'),
    ]);
    expect((await get('/problems', 'text/html')).text).toContain('href="problems/forbidden"');
    expect((await get('/problems/nonsense', 'text/html')).status).toBe(404);
  });

  it.each(['', '/b'])('leads from /docs/ to /docs, whose assets are found, below "%s"', async (basePath) => {
    gateway = await openGateway({ server: basePath === '' ? {} : { basePath } });
    const { status, headers } = await gateway.call('GET', '/docs/?x=1', { key: null });
    expect([status, headers['location']]).toEqual([308, '../docs']);
    const page = await fetch(`${gateway.url}/docs/`);
    expect([page.status, page.url]).toEqual([200, `${gateway.url}/docs`]);
    const assets = [...(await page.text()).matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, asset]) => asset ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) expect((await fetch(new URL(asset, page.url))).status).toBe(200);
  });

  it('keeps the document and loses the page with docs: false', async () => {
    gateway = await openGateway({ server: { docs: false } });
    const get = async (path: string) => (await gateway.call('GET', path, { key: null })).status;
    expect([
      await get('/openapi.json'),
      await get('/docs'),
      await get('/docs/'),
      await get('/docs/swagger-ui.css'),
    ]).toEqual([200, 404, 404, 404]);
  });
});
