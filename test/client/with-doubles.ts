import assert from 'node:assert/strict';
import { createSluice, version } from '@sluice/client';
import type { FollowedEvent } from '@sluice/client';
import { errorOf, serve, type Cases } from './double.js';

const problem = (status: number, members: object) => ({ status, title: 'T', detail: 'D', requestId: 'r1', ...members });

/** What is tried against servers that answer as they are told. */
export const withDoubles: Cases = {
  'reads a stream that breaks, however it is cut, and one that nobody ends': async () => {
    const server = await serve((_request, nth) => (response) => {
      response.setHeader('content-type', 'text/event-stream');
      if (nth === 1) {
        response.write(': it is followed\n\nid: 0\nevent: asked\ndata: {"at":"2026-');
        setTimeout(() => response.write('11-21T03:00:00Z"}\n\nid: 1\nevent: cut'), 20);
        setTimeout(() => response.destroy(), 60);
      } else response.write('id: 1\r\nevent: over\r\ndata: {"at":"x",\r\ndata: "processes":2}\r\n\r\n');
    });
    const asker = createSluice({ url: server.url, key: 'k', answerTimeoutMs: 30 });
    const read: FollowedEvent[] = [];
    for await (const event of asker.events('op_1')) read.push(event);
    assert.deepEqual(read, [
      { id: '0', event: 'asked', data: { at: '2026-11-21T03:00:00Z' } },
      { id: '1', event: 'over', data: { at: 'x', processes: 2 } },
    ]);
    assert.deepEqual(
      server.asked.map(({ headers }) => headers['last-event-id']),
      [undefined, '0'],
    );
    const endless = await serve(() => (response) => response.writeHead(200).write(': it is followed\n\n'));
    const stop = new AbortController();
    const next = errorOf(createSluice({ url: endless.url, key: 'k' }).events('op_2', { signal: stop.signal }).next());
    stop.abort();
    assert.equal((await next).code, 'aborted');
    server.close();
    endless.close();
  },
  'puts a long list into the body, with all that stands beside it': async () => {
    const bodies: string[] = [];
    const server = await serve((request) => (response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.once('end', () => {
        bodies.push(Buffer.concat(parts).toString());
        response.setHeader('content-type', 'application/json').end('{"id":"op_1","state":"succeeded","targets":[]}');
      });
    });
    const asker = createSluice({ url: server.url, key: 'k' });
    const id = Array.from({ length: 101 }, (_, index) => String(index));
    await asker.kill({ target: 'orders', node: ['primary'], id, approval: 'request', reason: 'leak' });
    await asker.kill({ target: ['orders'], id, breakGlass: true, reason: 'checkout is down', onBehalfOf: 'sue' });
    await asker.kill({ target: 'orders', id: id.slice(1), breakGlass: true });
    assert.deepEqual(
      bodies.slice(0, 2).map((body) => JSON.parse(body) as unknown),
      [
        { target: 'orders', node: 'primary', ids: id, approval: 'request', reason: 'leak' },
        { target: 'orders', ids: id, breakGlass: true, reason: 'checkout is down', onBehalfOf: 'sue' },
      ],
    );
    assert.deepEqual(
      [bodies[2], ...server.asked.map(({ url = '' }) => url.split('?')[0])],
      ['', '/processes', '/processes', '/processes'],
    );
    assert.equal(new URL(`http://x${server.asked[2]!.url!}`).searchParams.getAll('id').length, 100);
    server.close();
  },
  'sends again what Sluice calls retryable, under the same key': async () => {
    const server = await serve((_request, nth) => (response) => {
      const body = nth < 3 ? problem(503, { code: 'draining', retryable: true }) : { id: 'op_1', state: 'succeeded' };
      response.writeHead(nth < 3 ? 503 : 200, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end(JSON.stringify(body));
    });
    const asker = createSluice({ url: server.url, key: 'k', userAgent: 'reports/1.4' });
    assert.equal((await asker.kill({ target: 't', id: '1' })).id, 'op_1');
    server.close();
    const keys = new Set(server.asked.map(({ headers }) => headers['idempotency-key']));
    assert.deepEqual([server.asked.length, keys.size], [3, 1]);
    assert.match([...keys].join(), /^[\x21-\x7e]{16,255}$/);
    assert.equal(server.asked[0]!.headers['user-agent'], `reports/1.4 sluice-client/${version}`);
    assert.equal(server.asked[0]!.headers['x-api-key'], 'k');
  },
  'throws what is not retryable, or takes too long': async () => {
    const server = await serve(() => (response) => {
      response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '90' });
      response.end(JSON.stringify(problem(429, { code: 'rate-limited', retryable: true })));
    });
    const error = await errorOf(createSluice({ url: server.url, key: 'k' }).flush({ targets: ['t'] }));
    assert.deepEqual(
      [error.code, error.retryAfter, error.requestId, server.asked.length],
      ['rate-limited', 90, 'r1', 1],
    );
    server.close();
  },
  'never sends a change again whose answer was lost, but a look': async () => {
    const server = await serve((request, nth) => (response) => {
      if (request.method !== 'GET' || nth < 3) request.socket.destroy();
      else response.setHeader('content-type', 'application/json').end('{"items":[],"targets":[],"nextPageToken":null}');
    });
    const asker = createSluice({ url: server.url, key: 'k' });
    const error = await errorOf(asker.kill({ target: 't', id: '1' }, { idempotencyKey: 'mine' }));
    assert.deepEqual([error.code, error.idempotencyKey, server.asked.length], ['no-answer', 'mine', 1]);
    assert.deepEqual((await asker.look({ target: 't' })).items, []);
    server.close();
  },
  'sends again what was never sent': async () => {
    const first = await serve(() => (response) => response.end());
    first.close();
    const asker = createSluice({ url: first.url, key: 'k', retries: 1 });
    assert.equal((await errorOf(asker.flush({ targets: ['t'] }))).code, 'not-sent');
    let tries = 0;
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    const late = createSluice({
      url: 'http://late',
      key: 'k',
      fetch: () => {
        tries += 1;
        return tries < 3 ? Promise.reject(refused) : Promise.resolve(Response.json({ id: 'op_2', state: 'partial' }));
      },
    });
    assert.equal((await late.flush({ targets: ['t'] })).id, 'op_2');
  },
  'stops by signal and by time': async () => {
    const server = await serve(() => () => undefined);
    const asker = createSluice({ url: server.url, key: 'k' });
    assert.equal((await errorOf(asker.targets({ timeoutMs: 50 }))).code, 'timeout');
    const stop = new AbortController();
    const stopped = errorOf(asker.kill({ target: 't', id: '1' }, { signal: stop.signal }));
    stop.abort();
    assert.equal((await stopped).code, 'aborted');
    const impatient = createSluice({ url: server.url, key: 'k', answerTimeoutMs: 50, retries: 0 });
    assert.equal((await errorOf(impatient.kill({ target: 't', id: '1' }))).code, 'no-answer');
    server.close();
  },
  'knows what is not Sluice': async () => {
    const server = await serve(() => (response) => response.setHeader('content-type', 'text/html').end('<html>'));
    const error = await errorOf(createSluice({ url: server.url, key: 'k' }).targets());
    assert.equal(error.code, 'unexpected-answer');
    server.close();
  },
  'throws at the end of a wait what it would have thrown at once': async () => {
    const target = { target: 't', problem: { code: 'upstream-rejected', detail: 'No.', retryable: false } };
    const server = await serve((_request, nth) => (response) => {
      const body = { id: 'op_3', state: nth === 1 ? 'running' : 'failed', targets: [target], requestId: 'r9' };
      response.writeHead(nth === 1 ? 202 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    const error = await errorOf(createSluice({ url: server.url, key: 'k' }).kill({ target: 't', id: '1' }));
    assert.deepEqual([error.code, error.message, error.operationId], ['upstream-rejected', 'No.', 'op_3']);
    server.close();
  },
};
