// A program as its users write one: compiled and run outside the tree, against a Sluice and against servers of its own.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSluice, SluiceError, version, type OperationSummary, type Process } from '@sluice/client';

const {
  SLUICE_URL: url = '',
  SLUICE_KEY: key = '',
  SLUICE_VIEWER: viewer = '',
  SLUICE_TOKEN: token = '',
} = process.env;
const sluice = createSluice({ url: `${url}/`, key });

async function errorOf(call: Promise<unknown>): Promise<SluiceError> {
  const thrown: unknown = await call.then(
    () => assert.fail('it did not throw'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof SluiceError, String(thrown));
  return thrown;
}

/** A server that answers as it is told, and what it was asked. */
async function serve(answer: (request: IncomingMessage, nth: number) => (response: ServerResponse) => void) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, asked.length)(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${String(port)}`, port, asked, close };
}

const problem = (status: number, members: object) => ({ status, title: 'T', detail: 'D', requestId: 'r1', ...members });

const cases: Record<string, () => Promise<void>> = {
  'looks page by page': async () => {
    const found: Process[] = [];
    for await (const process of sluice.processes({ target: 'orders', limit: 7 })) found.push(process);
    const { targets } = await sluice.look({ target: ['orders'], limit: 0 });
    assert.equal(found.length, targets[0]?.connected);
    assert.equal(new Set(found.map(({ node, id }) => `${String(node)} ${id}`)).size, found.length);
  },
  'asks by token, too': async () => {
    const byToken = createSluice({ url, token: () => Promise.resolve(token) });
    const me = await byToken.me();
    assert.deepEqual([me.credential, me.grants.map(({ role }) => role)], ['token', ['operator']]);
    assert.equal((await sluice.me()).credential, 'apiKey');
    const names = (await byToken.targets()).map(({ name }) => name);
    assert.ok(names.includes('orders'));
    assert.equal((await sluice.target('orders')).backend, 'taurusdb');
  },
  'plans, and ends just whom it planned': async () => {
    const preview = await sluice.plan({ target: 'orders', user: 'orders_*', state: 'idle', minIdleSeconds: 3000 });
    assert.equal(preview.operation.state, 'planned');
    const planned = preview.operation.counts.wouldEnd;
    assert.ok(planned !== null && planned > 0);
    const { state, counts, reason } = await preview.commit({ reason: 'leak' });
    assert.deepEqual([state, counts.ended, reason], ['succeeded', planned, 'leak']);
    assert.equal((await errorOf(preview.commit())).code, 'plan-gone');
  },
  'plans a flush, and says why there is no plan': async () => {
    const preview = await sluice.plan({ targets: ['carts'], mode: 'forced' });
    assert.equal(preview.plan, null);
    assert.match((await errorOf(preview.commit())).message, /./);
  },
  'flushes, and resolves at the end': async () => {
    const seen: string[] = [];
    const operation = await sluice.flush(
      { targets: ['carts'], mode: 'forced', reason: 'test' },
      { onProgress: ({ state }) => seen.push(state) },
    );
    assert.equal(operation.state, 'succeeded');
    assert.equal(seen.at(-1), 'succeeded');
    const begun = await sluice.flush({ targets: ['carts'], mode: 'forced', reason: 'test' }, { untilEnd: false });
    assert.equal((await sluice.wait(begun.id)).state, 'succeeded');
    const listed: OperationSummary[] = [];
    for await (const one of sluice.operations({ kind: 'sessions.flush', limit: 1 })) listed.push(one);
    assert.ok(listed.some(({ id }) => id === begun.id));
  },
  'throws one error, with all that is known': async () => {
    const error = await errorOf(sluice.kill({ target: 'nobody', id: '1' }));
    assert.deepEqual([error.code, error.status, error.retryable], ['unknown-target', 404, false]);
    assert.ok(error.requestId !== null && error.idempotencyKey !== null);
    const { code } = await errorOf(createSluice({ url, key: viewer }).flush({ targets: ['carts'] }));
    assert.equal(code, 'forbidden');
    const ids = Array.from({ length: 300 }, (_, index) => String(9_000_000 + index));
    const long = await sluice.plan({ target: 'orders', node: 'primary', id: ids });
    assert.equal(long.operation.state, 'planned');
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

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    process.stdout.write(`ok ${name}\n`);
  } catch (thrown) {
    failed += 1;
    process.stdout.write(`not ok ${name}\n${thrown instanceof Error ? String(thrown.stack) : 'not an error'}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
