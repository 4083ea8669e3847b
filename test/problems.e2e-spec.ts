import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failureKinds } from '../src/core/model/failure.js';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, problemOf, type Answer, type CallOptions, type Gateway } from './gateway.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
  gateway = await openGateway({ vendors });
});

beforeEach(() => {
  vendors.reset();
});

afterAll(async () => {
  await gateway.close();
  await vendors.close();
});

const flush = (body: unknown, options: CallOptions = {}) =>
  gateway.call('POST', '/sessions/flush', { body, ...options });

const dryFlush = { targets: ['bi-pool'], dryRun: true };

/** Every member that a problem has, whatever it is about; nothing reached a vendor. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, problemOf(answer).code]).toEqual([status, code]);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(;|$)/);
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': problemOf(answer).requestId });
  expect(answer.body).toMatchObject({
    type: `/problems/${code}`,
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/./),
    instance: expect.any(String),
    code,
    requestId: expect.stringMatching(/^[A-Za-z0-9._-]{1,128}$/),
    retryable: expect.any(Boolean),
  });
  expect(answer.headers['retry-after'] !== undefined).toBe(problemOf(answer).retryable);
  expect(vendors.journal.all()).toEqual([]);
}

const pointersOf = (answer: Answer) => (problemOf(answer).errors ?? []).map(({ pointer }) => pointer).toSorted();
const parametersOf = (answer: Answer) => (problemOf(answer).errors ?? []).map(({ parameter }) => parameter).toSorted();

/** Sends bytes as they are, and reads the one answer that closes the connection. */
async function rawAnswer(bytes: string | Buffer): Promise<Answer> {
  const [head = '', ...rest] = (await gateway.raw(bytes)).split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [field.split(':')[0]?.toLowerCase() ?? '', field.slice(field.indexOf(':') + 1).trim()]),
  );
  const text = rest.join('\r\n\r\n');
  return { status: Number(line.split(' ')[1]), headers, text, body: JSON.parse(text) as unknown };
}

const post = (...fields: string[]) =>
  ['POST /sessions/flush HTTP/1.1', 'Host: localhost', `X-API-Key: ${demoKeys.operator}`, ...fields].join('\r\n');

describe('an address', () => {
  it.each(['/', '/unknown', '/targets/', '/operations/op_1/more', '/TARGETS', '/sessions'])(
    'that leads nowhere is not found: %s',
    async (path) => {
      const answer = await gateway.call('GET', path);
      expectProblem(answer, 404, 'not-found');
      expect(problemOf(answer).instance).toBe(path);
    },
  );

  it.each([
    [`/targets/${'a'.repeat(257)}`, 'unknown-target'],
    [`/operations/${'a'.repeat(5000)}`, 'not-found'],
  ])('may be long, as any other that is not there: %s', async (path, code) => {
    expectProblem(await gateway.call('GET', path, { key: null }), 401, 'unauthenticated');
    const answer = await gateway.call('GET', path);
    expectProblem(answer, 404, code);
    expect(problemOf(answer).detail.length).toBeLessThan(200);
  });

  it.each([`/problems/${'a'.repeat(5000)}`, '/docs/a%00b'])(
    'that cannot lead anywhere is no defect of ours: %s',
    async (path) => {
      const answer = await gateway.call('GET', path, { key: null });
      expect([400, 404]).toContain(answer.status);
      expectProblem(answer, answer.status, answer.status === 400 ? 'invalid-request' : 'not-found');
    },
  );

  it('leads nowhere without a key too', async () => {
    expectProblem(await gateway.call('GET', '/unknown', { key: null }), 404, 'not-found');
  });

  it('is named in the problem without its query, which may hold what was filtered by', async () => {
    const answer = await gateway.call('GET', '/processes?target=nobody&user=sue');
    expectProblem(answer, 404, 'unknown-target');
    expect(problemOf(answer).instance).toBe('/processes');
    expect(answer.text).not.toContain('sue');
  });

  it.each([
    ['PUT', '/targets', 'GET, HEAD'],
    ['POST', '/targets/bi-pool', 'GET, HEAD'],
    ['POST', '/processes', 'DELETE, GET, HEAD'],
    ['GET', '/sessions/flush', 'POST'],
    ['DELETE', '/sessions/tune', 'POST'],
    ['PATCH', '/operations/op_1', 'GET, HEAD'],
    ['OPTIONS', '/operations', 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
  ] as const)('knows its methods: %s %s', async (method, path, allow) => {
    const answer = await gateway.call(method, path, { key: null });
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers['allow']).toBe(allow);
  });

  it.each(['TRACE', 'PROPFIND', 'QUERY', 'LINK', 'M-SEARCH'])('knows even less of %s', async (method) => {
    const end = 'HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const answer = await rawAnswer(`${method} /operations/op_1?limit=1 ${end}`);
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expectProblem(await rawAnswer(`${method} /unknown ${end}`), 404, 'not-found');
  });

  it.each([20, 60, 100])('of %i KB is too long', async (kilobytes) => {
    const query = `target=bi-pool&${'id=acme_m1&'.repeat((kilobytes * 1024) / 11)}`;
    const answer = await rawAnswer(
      `GET /processes?${query} HTTP/1.1\r\nHost: a\r\nX-API-Key: ${demoKeys.operator}\r\nConnection: close\r\n\r\n`,
    );
    expectProblem(answer, 414, 'uri-too-long');
  });

  it('of 15 KB is not', async () => {
    const query = `target=bi-pool&${'id=acme_m1&'.repeat((15 * 1024) / 11).replace(/&$/, '')}`;
    expect((await gateway.call('GET', `/processes?${query}`)).status).toBe(200);
  });
});

describe('headers', () => {
  it.each([20, 100])('of %i KB are too large', async (kilobytes) => {
    const filler = Array.from({ length: kilobytes }, (_, index) => `X-Filler-${index}: ${'x'.repeat(1024)}`);
    const answer = await rawAnswer(
      ['GET /targets HTTP/1.1', 'Host: a', ...filler, 'Connection: close', '', ''].join('\r\n'),
    );
    expectProblem(answer, 431, 'headers-too-large');
  });

  it.each([20, 60, 100])('of which one has %i KB are too large', async (kilobytes) => {
    const header = `X-Filler: ${'x'.repeat(kilobytes * 1024)}`;
    const answer = await rawAnswer(
      ['GET /targets HTTP/1.1', 'Host: a', header, 'Connection: close', '', ''].join('\r\n'),
    );
    expectProblem(answer, 431, 'headers-too-large');
  });

  it.each(['abc', 'A.b_c-9', 'x'.repeat(128)])('may name the request: %s', async (id) => {
    const headers = { 'x-request-id': id };
    const answers = [
      await gateway.call('GET', '/targets', { headers }),
      await gateway.call('GET', '/unknown', { headers }),
      await flush(dryFlush, { headers }),
      await flush({}, { headers }),
      await gateway.call('GET', '/targets', { headers, key: null }),
    ];
    expect(answers.map((answer) => answer.headers['x-request-id'])).toEqual(Array(5).fill(id));
    expect(problemOf(answers[3]!).requestId).toBe(id);
  });

  it.each(['', 'a b', 'a/b', 'ü', 'x'.repeat(129), 'a,b'])('may not name it as they like: "%s"', async (id) => {
    const answer = await gateway.call('GET', '/targets', { headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('may not name it twice', async () => {
    const answer = await gateway.call('GET', '/targets', { headers: { 'x-request-id': ['a', 'b'] } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a body', () => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'targets=bi-pool'],
    ['text', 'text/plain', '{"targets":["bi-pool"]}'],
    ['JSON of another name', 'application/merge-patch+json', '{"targets":["bi-pool"]}'],
    ['JSON with a tab', 'application/json\t;x', '{"targets":["bi-pool"]}'],
    ['a list of types', 'text/plain, application/json', '{"targets":["bi-pool"]}'],
    ['UTF-16', 'application/json; charset=utf-16', Buffer.from('{"targets":["bi-pool"]}', 'utf16le')],
    ['Latin 1', 'application/json; charset=iso-8859-1', '{"targets":["bi-pool"]}'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--'],
    ['no type at all', '', '{"targets":["bi-pool"]}'],
    ['nonsense', ';;', '{"targets":["bi-pool"]}'],
    ['half a type', 'application/', '{"targets":["bi-pool"]}'],
    ['a parameter that is none', 'application/json; charset', '{"targets":["bi-pool"]}'],
    ['an empty form', 'application/x-www-form-urlencoded', ''],
  ])('of another type is refused: %s', async (_name, type, body) => {
    expectProblem(await flush(body, { headers: { 'content-type': type } }), 415, 'unsupported-media-type');
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])('may say %s', async (type) => {
    expect((await flush(dryFlush, { headers: { 'content-type': type } })).status).toBe(200);
  });

  it.each(['gzip', 'br', 'deflate', 'gzip, identity'])('must not be encoded: %s', async (encoding) => {
    expectProblem(await flush(dryFlush, { headers: { 'content-encoding': encoding } }), 415, 'unsupported-media-type');
  });

  it('without a type is refused', async () => {
    const body = JSON.stringify(dryFlush);
    const answer = await rawAnswer(`${post(`Content-Length: ${body.length}`, 'Connection: close')}\r\n\r\n${body}`);
    expectProblem(answer, 415, 'unsupported-media-type');
  });

  it.each([
    ['cut off', '{"targets":["bi-pool"]'],
    ['no JSON', 'targets'],
    ['two documents', '{"targets":["bi-pool"]}{}'],
    ['single quotes', "{'targets':['bi-pool']}"],
    ['a comma too many', '{"targets":["bi-pool",]}'],
    ['a comment', '{"targets":["bi-pool"]/**/}'],
    ['NaN', '{"targets":["bi-pool"],"minIdleSeconds":NaN}'],
    ['a leading zero', '{"targets":["bi-pool"],"minIdleSeconds":01}'],
    ['a raw line break in a text', '{"targets":["bi-pool"],"reason":"a\nb"}'],
    ['white space alone', ' \n'],
    ['a byte order mark', '\ufeff{"targets":["bi-pool"]}'],
    ['bytes that are no UTF-8', Buffer.from([...Buffer.from('{"targets":["bi-'), 0xff, ...Buffer.from('"]}')])],
    ['an overlong slash', Buffer.from([...Buffer.from('{"targets":["bi-'), 0xc0, 0xaf, ...Buffer.from('"]}')])],
    ['a list', '["bi-pool"]'],
    ['a text', '"bi-pool"'],
    ['null', 'null'],
    ['a number', '0'],
  ])('must be one JSON object: %s', async (_name, body) => {
    expectProblem(await flush(body), 400, 'invalid-request');
  });

  it('may be anything that JSON allows', async () => {
    const body = ' {\r\n"targets" :\t["\\u0062i-pool"], "dryRun":true,"reason":"\\u00e4 \\ud83d\\ude00 \\"\\/"}\n';
    expect((await flush(body)).status).toBe(200);
  });

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'constr\\u0075ctor'])(
    'has no key %s, at whatever depth',
    async (key) => {
      const expected = [(JSON.parse(`"${key}"`) as string).replace(/^/, '/')];
      const top = await flush(`{"targets":["bi-pool"],"${key}":{"isAdmin":true}}`);
      expectProblem(top, 400, 'invalid-request');
      expect(pointersOf(top)).toEqual(expected);
      const deep = await flush(`{"targets":["bi-pool"],"settings":[{"${key}":1}]}`);
      expectProblem(deep, 400, 'invalid-request');
      expect(pointersOf(deep)).toEqual([`/settings/0${expected[0] ?? ''}`]);
      expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    },
  );

  it.each([
    ['{"targets":["bi-pool"],"targets":["bi-user"]}', '/targets'],
    ['{"targets":["bi-pool"],"targets":["bi-pool"]}', '/targets'],
    ['{"targets":["bi-pool"],"\\u0074argets":["bi-pool"]}', '/targets'],
    ['{"targets":["bi-pool"],"dryRun":true,"dryRun":true,"dryRun":true}', '/dryRun,/dryRun'],
    ['{"targets":["bi-pool",{"a":1},{"b/~":{"c":[]},"b/~":0}]}', '/targets/2/b~1~0'],
    ['{"":0,"":0}', '/'],
  ])('has no key twice, not even with the same value: %s', async (body, pointers) => {
    const answer = await flush(body);
    expectProblem(answer, 400, 'invalid-request');
    expect(pointersOf(answer).join()).toBe(pointers);
  });

  it('may have one key in several objects, and commas and colons in texts', async () => {
    const answer = await flush('{"targets":["bi-pool"],"x":[{"a":1},{"a":"\\"a\\":{,"}],"y":{"a":[":",","],"x":1}}');
    expectProblem(answer, 400, 'invalid-request');
    expect(pointersOf(answer)).toEqual(['/x', '/y']);
  });

  it.each([
    ['lists', 17, '[', ']'],
    ['objects', 17, '{"a":', '}'],
    ['lists', 20_000, '[', ']'],
    ['objects', 20_000, '{"a":', '}'],
    ['lists that never end', 20_000, '[', ''],
  ])('must not be nested too deep: %s, %i levels', async (_name, levels, open, close) => {
    const answer = await flush(`${open.repeat(levels)}1${close.repeat(levels)}`);
    expectProblem(answer, 400, 'invalid-request');
    expect(problemOf(answer).detail).toContain('deeper than 16');
  });

  it('may be nested 16 deep, brackets in texts aside', async () => {
    const answer = await flush(
      `{"targets":["bi-pool"],"reason":"${'['.repeat(99)}\\"{","x":${'['.repeat(15)}${']'.repeat(15)}}`,
    );
    expectProblem(answer, 400, 'invalid-request');
    expect(pointersOf(answer)).toEqual(['/x']);
  });

  it.each([
    ['a key twice', 400, 'application/json', '{"a":1,"a":2}'],
    ['no JSON', 400, 'application/json', '{'],
    ['another type', 415, 'text/plain', '{}'],
    ['half a type', 415, 'application/', '{}'],
    ['nonsense for a type', 415, ';;', '{}'],
  ])('is judged once it is known who sent it: %s', async (_name, status, type, body) => {
    const id = randomUUID();
    const headers = { 'content-type': type, 'x-request-id': id };
    expectProblem(await flush(body, { headers, key: null }), 401, 'unauthenticated');
    expectProblem(await flush(body, { headers, key: 'wrong' }), 401, 'unauthenticated');
    const answer = await flush(body, { headers });
    expectProblem(answer, status, status === 400 ? 'invalid-request' : 'unsupported-media-type');
    expect(answer.headers).toMatchObject({ ratelimit: expect.stringMatching(/^"caller";r=\d+;t=\d+$/) });
    const lines = await until(
      () => gateway.log.filter((line) => 'durationMs' in line && 'requestId' in line && line.requestId === id),
      ({ length }) => length === 3,
    );
    expect(lines.at(-1)).toMatchObject({ caller: 'demo-operator', route: '/sessions/flush', status });
  });

  it('that cannot be read changes nothing where no caller is needed', async () => {
    const read = async (method: string, path: string) =>
      (await gateway.call(method, path, { key: null, body: '{"a":1,"a":2}' })).status;
    expect([
      await read('POST', '/unknown'),
      await read('POST', '/targets'),
      await read('POST', '/health/live'),
      await read('GET', '/health/live'),
      await read('POST', '/docs'),
      await read('DELETE', '/problems/internal'),
    ]).toEqual([404, 405, 405, 200, 405, 405]);
  });

  const large = JSON.stringify({ ...dryFlush, reason: 'x'.repeat(256 * 1024) });

  it('must not be too large, by its own word', async () => {
    expectProblem(await flush(large), 413, 'payload-too-large');
  });

  it('must not be too large, as it comes', async () => {
    const chunks = large.match(/.{1,4096}/g) ?? [];
    expectProblem(await flush(Readable.from(chunks)), 413, 'payload-too-large');
  });

  it('may be as large as 256 KiB, and may come in chunks', async () => {
    const padded = JSON.stringify(dryFlush).padEnd(256 * 1024);
    expect((await flush(padded)).status).toBe(200);
    expect((await flush(Readable.from(padded.match(/.{1,4096}/gs) ?? []))).status).toBe(200);
  });

  it('is needed where a call takes one', async () => {
    for (const options of [{}, { headers: { 'content-type': 'application/json' } }]) {
      for (const path of ['/sessions/flush', '/sessions/tune']) {
        const answer = await gateway.call('POST', path, options);
        expectProblem(answer, 400, 'invalid-request');
        expect(pointersOf(answer)).toEqual(['']);
      }
    }
  });

  it('that is empty is none, where a query may stand for it', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await gateway.call('DELETE', '/processes?target=bi-pool&user=x&surprise=1', { headers });
    expectProblem(answer, 400, 'invalid-request');
    expect(parametersOf(answer)).toEqual(['surprise', 'target']);
  });

  it('does not go with a query', async () => {
    const body = { target: 'orders', ids: ['1'] };
    const wrong = ['target=', 'target=&target=orders', `target=${'x'.repeat(257)}`, '%ff'];
    for (const query of ['target=orders', 'id=1', 'dryRun=true', 'surprise=1', ...wrong]) {
      const answer = await gateway.call('DELETE', `/processes?${query}`, { body });
      expectProblem(answer, 400, 'invalid-request');
      expect(problemOf(answer).detail).toContain('not by both');
    }
  });

  it('that is null is no body to kill by', async () => {
    expectProblem(await gateway.call('DELETE', '/processes', { body: 'null' }), 400, 'invalid-request');
  });
});

describe('members', () => {
  it('are refused all at once, each with its place', async () => {
    const body = {
      targets: ['bi-pool', '', 7],
      mode: null,
      node: '',
      minIdleSeconds: -1,
      dryRun: 'true',
      reason: 'x'.repeat(501),
      onBehalfOf: 'a\tb',
      Mode: 'forced',
      target: 'bi-pool',
    };
    const answer = await flush(body);
    expectProblem(answer, 400, 'invalid-request');
    const places = ['Mode', 'dryRun', 'minIdleSeconds', 'mode', 'node', 'onBehalfOf', 'reason', 'target'];
    const elements = ['targets/1', 'targets/2'];
    expect(pointersOf(answer)).toEqual([...places, ...elements].map((place) => `/${place}`));
    expect(problemOf(answer).detail).toContain('and 9 more');
  });

  it.each([
    ['mode', null],
    ['mode', 'GRACEFUL'],
    ['mode', ['graceful']],
    ['node', null],
    ['node', 1],
    ['node', 'x'.repeat(257)],
    ['minIdleSeconds', null],
    ['minIdleSeconds', '60'],
    ['minIdleSeconds', 1.5],
    ['minIdleSeconds', 1e9],
    ['minIdleSeconds', true],
    ['dryRun', null],
    ['dryRun', 'false'],
    ['dryRun', 0],
    ['reason', null],
    ['reason', ''],
    ['reason', 'a\nb'],
    ['reason', 'a\u2028b'],
    ['reason', 'a\u202eb'],
    ['onBehalfOf', {}],
    ['targets', null],
    ['targets', 'bi-pool'],
    ['targets', { 0: 'bi-pool', length: 1 }],
    ['targets', ['bi-pool', null], '/1'],
    ['targets', [['bi-pool']], '/0'],
  ])('must be what they should: %s = %j', async (name, value, element = '') => {
    const answer = await flush({ ...dryFlush, [name]: value });
    expectProblem(answer, 400, 'invalid-request');
    expect(pointersOf(answer)).toEqual([`/${name}${element}`]);
  });

  it('may be 500 printable characters of any script', async () => {
    expect((await flush({ ...dryFlush, reason: '😀'.repeat(500), onBehalfOf: 'Žofie Nováková' })).status).toBe(200);
  });

  it('name at most 100 targets', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `unknown-${index}`);
    const most = await flush({ targets: names.slice(1) });
    expectProblem(most, 404, 'unknown-target');
    expect(problemOf(most).errors).toHaveLength(100);
    const more = await flush({ targets: names });
    expectProblem(more, 400, 'invalid-request');
    expect(pointersOf(more)).toEqual(['/targets']);
    const query = names.map((name) => `target=${name}`);
    expectProblem(await gateway.call('GET', `/processes?${query.slice(1).join('&')}`), 404, 'unknown-target');
    const looked = await gateway.call('GET', `/processes?${query.join('&')}`);
    expectProblem(looked, 400, 'invalid-request');
    expect(parametersOf(looked)).toEqual(['target']);
  });

  it.each(['4503599627370497.1', '0.99999999999999999999', '9007199254740993.0'])(
    'are not rounded to what they are not: %s',
    async (number) => {
      const ids = await gateway.call('DELETE', '/processes', { body: `{"target":"nobody","ids":[${number}]}` });
      expectProblem(ids, 400, 'invalid-request');
      expect(pointersOf(ids)).toEqual(['/ids/0', '/target']);
      const idle = await flush(`{"targets":["orders"],"minIdleSeconds":${number}}`);
      expectProblem(idle, 400, 'invalid-request');
      expect(pointersOf(idle)).toEqual(['/minIdleSeconds']);
    },
  );

  it.each(['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__defineGetter__', 'then'])(
    'are not known although every object has them: %s',
    async (name) => {
      const answer = await flush({ ...dryFlush, [name]: 1 });
      expectProblem(answer, 400, 'invalid-request');
      expect(pointersOf(answer)).toEqual([`/${name}`]);
      const body = { target: 'bi-user', settings: { infinityToNa: true, [name]: 1 }, dryRun: true };
      const nested = await gateway.call('POST', '/sessions/tune', { body });
      expectProblem(nested, 400, 'invalid-request');
      expect(pointersOf(nested)).toEqual([`/settings/${name}`]);
      const query = await gateway.call('GET', `/processes?target=bi-pool&${name}=1`);
      expectProblem(query, 400, 'invalid-request');
      expect(parametersOf(query)).toEqual([name]);
    },
  );

  it('are told by JSON pointers', async () => {
    expect(pointersOf(await flush({ ...dryFlush, 'a/b~c': 1 }))).toEqual(['/a~1b~0c']);
  });

  it('take ids in a body as texts or as exact integers, at most 1000', async () => {
    const kill = (ids: string) =>
      gateway.call('DELETE', '/processes', { body: `{"target":"nobody","ids":${ids},"dryRun":true}` });
    for (const ids of ['["1"]', '[1]', '[9007199254740993]', '[18446744073709551615,"2"]']) {
      expectProblem(await kill(ids), 404, 'unknown-target');
    }
    const many = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => index + 1));
    expectProblem(await kill(many(1000)), 404, 'unknown-target');
    for (const [ids, pointer] of [
      ...['[]', '"1"', many(1001)].map((ids) => [ids, '/ids'] as const),
      ...['[""]', '[1.5]', '[9007199254740993.0]', '[true]', '[null]', '[[1]]'].map((ids) => [ids, '/ids/0'] as const),
    ]) {
      const answer = await kill(ids);
      expectProblem(answer, 400, 'invalid-request');
      expect(pointersOf(answer)).toEqual([pointer, '/target']);
    }
  });

  const errorsOf = (answer: Answer) =>
    (problemOf(answer).errors ?? []).map(({ pointer, message }) => `${pointer ?? ''} ${message}`);

  it('tell of each element of a list what is wrong with it, where it was written', async () => {
    const ids = ['1', null, 'abc', '1', 'abc', '', 'def'];
    expect(
      errorsOf(await gateway.call('DELETE', '/processes', { body: { target: 'orders', ids, dryRun: true } })),
    ).toEqual([
      '/ids/1 ids.1 must be a string of 1 to 256 characters, or an integer that is exact.',
      '/ids/5 ids.5 must be a string of 1 to 256 characters, or an integer that is exact.',
      '/ids/2 "abc" cannot be an id of "orders" (taurusdb).',
      '/ids/6 "def" cannot be an id of "orders" (taurusdb).',
    ]);
    expect(errorsOf(await flush({ targets: [7, 'bi-pool', '', 'nobody'], dryRun: true }))).toEqual([
      '/targets/0 targets.0 must be the name of a target.',
      '/targets/2 targets.2 must be the name of a target.',
      '/targets/3 No target is called "nobody", or it is not granted to you.',
    ]);
    expect(errorsOf(await flush({ targets: ['bi-pool', 'bi-pool', 7], dryRun: true }))).toEqual([
      '/targets targets must name each target once.',
      '/targets/2 targets.2 must be the name of a target.',
    ]);
  });

  it.each([
    [{ ...dryFlush, minIdleSeconds: null }, '/minIdleSeconds minIdleSeconds must be an integer number.'],
    [{ ...dryFlush, minIdleSeconds: '5' }, '/minIdleSeconds minIdleSeconds must be an integer number.'],
    [{ ...dryFlush, targets: 'bi-pool' }, '/targets targets must be a list.'],
  ])('of another type are told so: %j', async (body, told) => {
    expect(errorsOf(await flush(body))).toEqual([told]);
  });

  it('that are missing or of another type are told so in a kill and a tune, too', async () => {
    expect(errorsOf(await gateway.call('DELETE', '/processes', { body: { ids: '2075425' } }))).toEqual([
      '/target target is missing.',
      '/ids ids must be a list.',
    ]);
    const body = { target: 'bi-user', settings: { blocking: '3' }, dryRun: true };
    expect(errorsOf(await gateway.call('POST', '/sessions/tune', { body }))).toEqual([
      '/settings/infinityToNa settings.infinityToNa is missing.',
      '/settings/blocking settings.blocking must be an integer number.',
    ]);
  });
});

describe('a query', () => {
  it('is refused with all its faults at once, each with its place', async () => {
    const query =
      'target=&limit=x&sort=id&user=&state=&minIdleSeconds=-1&minAgeSeconds=1.5&pageToken=&surprise=1&Limit=2';
    const answer = await gateway.call('GET', `/processes?${query}`);
    expectProblem(answer, 400, 'invalid-request');
    expect(parametersOf(answer)).toEqual([
      'Limit',
      'limit',
      'minAgeSeconds',
      'minIdleSeconds',
      'pageToken',
      'sort',
      'state',
      'surprise',
      'target',
      'user',
    ]);
  });

  it.each([
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit=1234567890', 'limit'],
    ['limit=+1', 'limit'],
    ['limit=0x10', 'limit'],
    ['limit=%31%20', 'limit'],
    ['limit', 'limit'],
    ['minIdleSeconds=5&minIdleSeconds=5', 'minIdleSeconds'],
    ['sort=-idleSeconds&sort=-idleSeconds', 'sort'],
    ['user=a&user=', 'user'],
    ['target=!bi-pool', 'target'],
    ['target=bi-*', 'target'],
    ['node=*', 'node'],
    ['limit[]=1', 'limit[]'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    ['user[$ne]=x', 'user[$ne]'],
    ['=1', ''],
  ])('must be what it should: %s', async (query, parameter) => {
    const answer = await gateway.call('GET', `/processes?target=bi-pool&${query}`);
    expectProblem(answer, 400, 'invalid-request');
    expect(parametersOf(answer)).toContain(parameter);
  });

  it.each([
    ['GET', '/targets'],
    ['GET', '/targets/bi-pool'],
    ['GET', '/operations/op_1'],
    ['POST', '/sessions/flush'],
    ['POST', '/sessions/tune'],
  ])('is refused where none is taken: it might mean something (%s %s)', async (method, path) => {
    const body = method === 'GET' ? {} : { body: { targets: ['bi-pool'] } };
    for (const query of ['dryRun=true', 'x', '__proto__=1', '%ff']) {
      const answer = await gateway.call(method, `${path}?${query}`, body);
      expectProblem(answer, 400, 'invalid-request');
      const parameter = query === '%ff' ? '' : query.split('=')[0];
      expect(parametersOf(answer)).toContain(parameter);
    }
    expect((await gateway.call('GET', '/targets?')).status).toBe(200);
  });

  it('needs a target', async () => {
    for (const [method, path] of [
      ['GET', '/processes'],
      ['GET', '/processes?'],
      ['GET', '/processes?state=idle'],
      ['DELETE', '/processes'],
    ] as const) {
      const answer = await gateway.call(method, path);
      expectProblem(answer, 400, 'invalid-request');
      expect(parametersOf(answer)).toEqual(['target']);
    }
  });

  it.each([
    'dryRun=1',
    'dryRun=TRUE',
    'dryRun=',
    'dryRun',
    'dryRun=true&dryRun=true',
    'dryRun=yes',
    'max=-1',
    'max=1&max=1',
  ])('must be clear about a kill: %s', async (query) => {
    const answer = await gateway.call('DELETE', `/processes?target=nobody&id=1&${query}`);
    expectProblem(answer, 400, 'invalid-request');
    expect(parametersOf(answer)).toContain(query.split('=')[0]);
  });

  it.each(['user=%', 'user=%zz', 'user=%ff', 'user=%c0%af', 'user=%ed%a0%80', '%ff=1', 'user=a%2'])(
    'must be percent-encoded UTF-8: %s',
    async (query) => {
      expectProblem(await gateway.call('GET', `/processes?target=bi-pool&${query}`), 400, 'invalid-request');
      expectProblem(await gateway.call('GET', `/operations?${query}`), 400, 'invalid-request');
    },
  );
});

describe('what is hardly HTTP', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002\u0003\r\n\r\n'],
    ['a TLS greeting', Buffer.from('16030100a5010000a10303', 'hex')],
    ['an unknown method', 'FLUSH /targets HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a header without a colon', 'GET /targets HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'],
    ['a space before the colon', 'GET /targets HTTP/1.1\r\nHost : a\r\n\r\n'],
    ['a folded header', 'GET /targets HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n'],
    ['a raw byte in the address', Buffer.from('GET /targets?a=\xff HTTP/1.1\r\nHost: a\r\n\r\n', 'latin1')],
    ['two lengths', `${post('Content-Type: application/json', 'Content-Length: 2', 'Content-Length: 3')}\r\n\r\n{}`],
    ['a length and chunks', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n`],
    ['a length that is none', `${post('Content-Type: application/json', 'Content-Length: -1')}\r\n\r\n`],
    ['an unknown transfer coding', `${post('Transfer-Encoding: gzip')}\r\n\r\n`],
    ['a broken chunk', `${post('Content-Type: application/json', 'Transfer-Encoding: chunked')}\r\n\r\nzz\r\n`],
  ])('is a problem too, and ends the connection: %s', async (_name, bytes) => {
    expectProblem(await rawAnswer(bytes), 400, 'invalid-request');
  });

  it.each([
    ['no Host', 'GET /targets HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', 'GET /targets HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
    ['an address that cannot be decoded', 'GET /% HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['the same of a call that would change something', 'DELETE /%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ])('is a problem like any other: %s', async (_name, bytes) => {
    const answer = await rawAnswer(bytes);
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.headers['sluice-completed']).toBe(bytes.startsWith('DELETE') ? 'false' : undefined);
  });

  it.each(['', 'Host: a\r\nHost: b\r\n'])('tells that Host is what is wrong: "%s"', async (hosts) => {
    const answer = await rawAnswer(`GET /targets HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    expect(problemOf(answer).errors).toEqual([{ parameter: 'Host', message: 'The header Host must be given once.' }]);
  });

  it('is served if it is old or expects what nobody knows', async () => {
    const key = `X-API-Key: ${demoKeys.viewer}`;
    expect((await rawAnswer(`GET /targets HTTP/1.0\r\n${key}\r\n\r\n`)).status).toBe(200);
    const expecting = ['GET /targets HTTP/1.1', 'Host: a', key, 'Expect: miracles', 'Connection: close', '', ''];
    expect((await rawAnswer(expecting.join('\r\n'))).status).toBe(200);
  });

  it('is cut when it comes too slowly: headers after 5 s, the whole after 10 s', async () => {
    const started = Date.now();
    const timed = async (bytes: string) => {
      const answer = await rawAnswer(bytes);
      return [answer, Date.now() - started] as const;
    };
    const [headers, body] = await Promise.all([
      timed('GET /targets HTTP/1.1\r\nHost: a\r\nX-Half: '),
      timed(`${post('Content-Type: application/json', 'Content-Length: 100')}\r\n\r\n{"targets"`),
    ]);
    for (const [[answer, took], least] of [
      [headers, 5000],
      [body, 10_000],
    ] as const) {
      expectProblem(answer, 408, 'request-timeout');
      expect(took).toBeGreaterThanOrEqual(least);
      expect(took).toBeLessThan(least + 2500);
    }
  });

  it('leaves the server as it was', async () => {
    const { port, hostname } = new URL(gateway.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`${post('Content-Type: application/json', 'Content-Length: 100')}\r\n\r\n{"targets"`, () => {
          socket.resetAndDestroy();
        });
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve();
      });
    });
    expect((await flush(dryFlush)).status).toBe(200);
  });
});

describe('problem types', () => {
  it('are described at their addresses, to anybody', async () => {
    const { items } = (await gateway.call('GET', '/problems', { key: null })).body as { items: { type: string }[] };
    expect(items.map(({ type }) => type)).toEqual(failureKinds.map((kind) => `/problems/${kind}`));
    for (const item of items) {
      expect((await gateway.call('GET', item.type, { key: null })).body).toEqual(item);
    }
    expectProblem(await gateway.call('GET', '/problems/none'), 404, 'not-found');
  });
});
