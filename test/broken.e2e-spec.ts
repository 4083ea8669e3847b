import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoKeys, openGateway, type Gateway } from './gateway.ts';
import { answersTo } from './raw-answers.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});

afterAll(() => gateway.close());

interface Line {
  readonly requestId: string;
  readonly status: number;
}

const head = (line: string, ...fields: string[]) =>
  `${[line, 'Host: a', `X-API-Key: ${demoKeys.operator}`, ...fields].join('\r\n')}\r\n\r\n`;
const post = (id: string, ...fields: string[]) =>
  head('POST /sessions/flush HTTP/1.1', 'Content-Type: application/json', `X-Request-Id: ${id}`, ...fields);
const send = (bytes: string | Buffer) => answersTo(gateway.url, bytes);
const linesOf = (requestId: unknown) =>
  (gateway.log as readonly Line[]).filter(
    (line) => 'route' in line && line.requestId === requestId && !('audit' in line),
  );

/** How often requests were measured, and refused, so. */
async function countOf(series: string): Promise<number> {
  const { text } = await gateway.call('GET', '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

const measured = (method: string, route: string, status: number, code: string) =>
  countOf(
    `http_server_request_duration_seconds_count{http_request_method="${method}",http_route="${route}",http_response_status_code="${status}",error_type="${code}"}`,
  );
const refused = (code: string) => countOf(`sluice_refusals_total{code="${code}"}`);

describe('a request that breaks within its body', () => {
  it.each([
    ['falls silent', 'slow-1', post('slow-1', 'Content-Length: 100') + '{', 408, 'request-timeout'],
    ['has a bad chunk', 'chunk-1', post('chunk-1', 'Transfer-Encoding: chunked') + 'zz\r\n', 400, 'invalid-request'],
    [
      'has a bad chunk later',
      'chunk-2',
      post('chunk-2', 'Transfer-Encoding: chunked') + '1\r\n{\r\nzz\r\n',
      400,
      'invalid-request',
    ],
  ])(
    'is answered as the request that it is, told of and counted once: it %s',
    async (_name, id, bytes, status, code) => {
      const before = [await measured('POST', '/sessions/flush', status, code), await refused(code)] as const;
      const answers = await send(bytes);
      expect(answers).toEqual([
        expect.objectContaining({
          status,
          headers: expect.objectContaining({
            'x-request-id': id,
            'sluice-state': 'failed',
            'sluice-completed': 'false',
            'cache-control': 'no-store',
            connection: 'close',
          }),
          body: expect.objectContaining({ code, requestId: id, instance: '/sessions/flush' }),
        }),
      ]);
      expect(linesOf(id)).toEqual([
        expect.objectContaining({ level: 'info', method: 'POST', route: '/sessions/flush', status, caller: null }),
      ]);
      expect(await measured('POST', '/sessions/flush', status, code)).toBe(before[0] + 1);
      expect(await refused(code)).toBe(before[1] + 1);
      expect(gateway.log.filter((line) => 'audit' in line && (line as Partial<Line>).requestId === id)).toHaveLength(1);
    },
  );
});

describe('what cannot be read as a request', () => {
  it.each<[string, string | Buffer, number, string]>([
    ['garbage', 'tell-nobody\u0000\r\n\r\n', 400, 'invalid-request'],
    ['a long address', head(`GET /tell-nobody${'a'.repeat(60_000)} HTTP/1.1`), 414, 'uri-too-long'],
    ['large headers', head('GET /targets HTTP/1.1', `X-A: tell-nobody${'a'.repeat(60_000)}`), 431, 'headers-too-large'],
    ['half a header', 'GET /tell-nobody HTTP/1.1\r\nX-Half: ', 408, 'request-timeout'],
  ])('is told of and counted once, and nothing of it is logged: %s', async (_name, bytes, status, code) => {
    const before = [await measured('_OTHER', 'unmatched', status, code), await refused(code)] as const;
    const answers = await send(bytes);
    expect(answers).toEqual([
      expect.objectContaining({ status, body: expect.objectContaining({ code, instance: '' }) }),
    ]);
    const { headers, body } = answers[0]!;
    expect(headers['x-request-id']).toBe(body['requestId']);
    expect(linesOf(body['requestId'])).toEqual([
      expect.objectContaining({ level: 'info', method: null, route: 'unmatched', status, caller: null, durationMs: 0 }),
    ]);
    expect(await measured('_OTHER', 'unmatched', status, code)).toBe(before[0] + 1);
    expect(await refused(code)).toBe(before[1] + 1);
    expect(JSON.stringify(gateway.log)).not.toContain('tell-nobody');
  });

  it('has its own id if it has but a broken address', async () => {
    const [answer] = await send(head('GET /%ff HTTP/1.1', 'X-Request-Id: broken-1', 'Connection: close'));
    expect(answer).toMatchObject({ status: 400, headers: { 'x-request-id': 'broken-1' } });
    expect(linesOf('broken-1')).toEqual([expect.objectContaining({ method: 'GET', route: 'unmatched', status: 400 })]);
    expect(await measured('GET', 'unmatched', 400, 'invalid-request')).toBe(1);
  });

  it('waits for the answer to the request before it', async () => {
    gateway.vendors.faults.replace([{ kind: 'latency', milliseconds: 300 }]);
    const look = head('GET /processes?target=bi-pool HTTP/1.1', 'X-Request-Id: whole-1');
    const answers = await send(`${look}garbage\r\n\r\n`);
    gateway.vendors.faults.clear();
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(answers[0]?.headers['x-request-id']).toBe('whole-1');
    expect(linesOf(answers[1]?.body['requestId'])).toHaveLength(1);
  });
});

describe('a request that was answered before all of it came', () => {
  it('is not answered again when it is cut', async () => {
    const before = await refused('request-timeout');
    const statuses = await Promise.all(
      ['GET /targets/orders', 'GET /targets/nobody', 'POST /nowhere', 'POST /%ff'].map(async (line) => {
        const answers = await send(`${head(`${line} HTTP/1.1`, 'Content-Length: 100')}{`);
        return answers.map(({ status }) => status);
      }),
    );
    expect(statuses).toEqual([[200], [404], [404], [400]]);
    expect(await refused('request-timeout')).toBe(before);
  });
});
