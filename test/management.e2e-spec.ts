import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, writeConfig, type Gateway } from './gateway.ts';
import { answersTo, type RawAnswer } from './raw-answers.ts';

let gateway: Gateway;
let url: string;

beforeAll(async () => {
  gateway = await openGateway({ server: { management: { port: 0 } } });
  url = gateway.managementUrl;
});

afterAll(() => gateway.close());

const head = (line: string, ...fields: string[]) =>
  `${[line, 'Host: a', 'Connection: close', ...fields].join('\r\n')}\r\n\r\n`;

function expectProblem({ status, headers, body }: RawAnswer, wanted: number, code: string): void {
  expect([status, body['code'], body['status']]).toEqual([wanted, code, wanted]);
  expect(headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/problem\+json(;|$)/),
    'cache-control': 'no-store',
    'x-request-id': body['requestId'],
  });
}

const linesOf = (requestId: unknown) =>
  gateway.log.filter((line) => 'route' in line && (line as { requestId?: unknown }).requestId === requestId);

describe('the management port', () => {
  it.each([
    ['an address that cannot be decoded', head('GET /% HTTP/1.1'), 400, 'invalid-request'],
    ['garbage', '\u0000\u0001\r\n\r\n', 400, 'invalid-request'],
    ['no Host', 'GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'invalid-request'],
    ['large headers', head('GET /metrics HTTP/1.1', `X-A: ${'a'.repeat(20_000)}`), 431, 'headers-too-large'],
    ['headers beyond all', head('GET /metrics HTTP/1.1', `X-A: ${'a'.repeat(60_000)}`), 431, 'headers-too-large'],
    ['a long address', head(`GET /${'a'.repeat(20_000)} HTTP/1.1`), 414, 'uri-too-long'],
    ['an unknown path', head('GET /targets HTTP/1.1'), 404, 'not-found'],
    [
      'a body',
      `${head('DELETE /targets HTTP/1.1', 'Content-Type: text/plain', 'Content-Length: 1')}x`,
      404,
      'not-found',
    ],
  ])('answers with a problem to %s', async (_name, bytes, status, code) => {
    const [answer, ...more] = await answersTo(url, bytes);
    expectProblem(answer!, status, code);
    expect(more).toEqual([]);
  });

  it.each(['POST /metrics', 'OPTIONS /health/live', 'PROPFIND /health/ready', 'DELETE /metrics'])(
    'tells what can be used instead of %s',
    async (line) => {
      const body = ['Content-Type: text/plain', 'Content-Length: 1'];
      const [answer] = await answersTo(url, `${head(`${line} HTTP/1.1`, ...body)}x`);
      expectProblem(answer!, 405, 'method-not-allowed');
      expect(answer!.headers['allow']).toBe('GET, HEAD');
    },
  );

  it('takes and returns the id of a request, and tells of it as the port of the API does', async () => {
    const [found] = await answersTo(url, head('GET /health/live HTTP/1.1', 'X-Request-Id: probe-1'));
    expect(found).toMatchObject({ status: 200, headers: { 'x-request-id': 'probe-1' }, body: { status: 'ok' } });
    const [lost] = await answersTo(url, head('GET /nowhere HTTP/1.1', 'X-Request-Id: probe-2'));
    expectProblem(lost!, 404, 'not-found');
    expect(lost!.body['requestId']).toBe('probe-2');
    expect(linesOf('probe-1')).toEqual([expect.objectContaining({ level: 'debug', route: '/health/live' })]);
    expect(linesOf('probe-2')).toEqual([
      expect.objectContaining({ level: 'info', method: 'GET', route: 'unmatched', status: 404, caller: null }),
    ]);
    const scrape = await (await fetch(`${url}/metrics`)).text();
    expect(scrape).toContain('http_route="/health/live",http_response_status_code="200"');
    expect(scrape).toContain('http_server_active_requests 1');
  });

  it('cuts who is slow: headers have 5 s', async () => {
    const started = Date.now();
    const [answer] = await answersTo(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\nX-Half: ');
    expectProblem(answer!, 408, 'request-timeout');
    expect(Date.now() - started).toBeGreaterThanOrEqual(5000);
    expect(Date.now() - started).toBeLessThan(7500);
  });
});

it('is not ready, but alive, while its store was never written', async () => {
  const { file, drop } = writeConfig('postgres://sluice:nobody@127.0.0.1:1/sluice');
  const lost = await openGateway({
    change: (config) => Object.assign(config, { store: { postgres: { url: { file } } } }),
  });
  const statuses = await Promise.all(
    ['/health/ready', '/health/live'].map(async (path) => (await fetch(`${lost.managementUrl}${path}`)).status),
  );
  expect(statuses).toEqual([503, 200]);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  await lost.close();
  drop();
});
