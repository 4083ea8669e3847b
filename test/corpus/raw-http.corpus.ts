import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { demoKeys } from '../gateway.ts';
import { bytesOf, openAttacked, type Attacked, type Written } from './attacked-gateway.ts';
import { dataOf } from './data.ts';
import { edited, edits, seed } from './edits.ts';

interface RawRequest {
  readonly bytes?: string;
  readonly hex?: string;
  readonly repeat?: string;
  readonly head?: readonly string[];
  readonly body?: string;
  /** Of the answers in order; a single 400 by default. */
  readonly statuses?: readonly number[];
  /** Every answer has this status, and there is one for each time and one for the end. */
  readonly all?: number;
  readonly times?: number;
}

interface Group {
  readonly name: string;
  readonly requests: readonly RawRequest[];
}

const key = `X-API-Key: ${demoKeys.operator}`;
/** What nobody may get through inside something else: it would end sessions. */
const inner = '{"targets":["bi-pool"]}';
const smuggled = [
  'POST /sessions/flush HTTP/1.1',
  'Host: a',
  key,
  'Content-Type: application/json',
  `Content-Length: ${inner.length}`,
  '',
  inner,
].join('\r\n');
const post = ['POST /sessions/flush HTTP/1.1', 'Host: a', key, 'Content-Type: application/json'].join('\r\n');

function rawOf(request: RawRequest): Buffer {
  const { bytes, head, body = '', statuses = [] } = request;
  if (bytes !== undefined) return Buffer.from(bytes, 'latin1');
  if (head === undefined) return bytesOf(request as Written);
  const lines = head.map((line) => (line === 'KEY' ? key : line === 'POST' ? post : line));
  if (statuses.length > 0 && !head.some((line) => line.startsWith('Connection:'))) lines.push('Connection: close');
  return Buffer.from([...lines, '', body].join('\r\n').replaceAll('SMUGGLED', smuggled), 'latin1');
}

let attacked: Attacked;

beforeAll(async () => {
  attacked = await openAttacked();
});

afterAll(() => attacked.close());

describe('bytes on a socket', () => {
  const groups = dataOf('raw-http') as readonly Group[];
  const cases = groups.flatMap(({ name, requests }) =>
    requests.map((request, index) => [`${name} ${index + 1}`, request] as const),
  );
  it.each(cases)('end nothing and break nothing: %s', async (_name, request) => {
    const { statuses = [400], all, times = 0 } = request;
    const hangsUp = all === undefined && (request.statuses ?? []).length === 0;
    const answered = await attacked.raw(rawOf(request), { hangsUp });
    expect(answered.statuses).toEqual(all === undefined ? statuses : Array.from({ length: times + 1 }, () => all));
    expect(attacked.vendors.journal.all()).toEqual([]);
  });

  it('may be broken in any way', async () => {
    const chunked = `${post}\r\nTransfer-Encoding: chunked\r\n\r\n17\r\n{"targets":["nowhere"]}\r\n0\r\n\r\n`;
    const sized = `${post}\r\nContent-Length: 23\r\n\r\n{"targets":["nowhere"]}`;
    const wholes = [chunked, sized, `GET /processes?target=nowhere HTTP/1.1\r\nHost: a\r\n${key}\r\n\r\n`];
    const property = fc.asyncProperty(fc.constantFrom(...wholes), edits, async (whole, changes) => {
      await attacked.raw(edited(Buffer.from(whole), changes, Buffer.from(chunked)), { hangsUp: true });
      expect(attacked.vendors.journal.all()).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns: 1000 });
  });
});

describe('a slow caller', () => {
  /** Sends one piece and then another every half second, and gives what it was told until it was cut. */
  async function drip(first: string, piece: string): Promise<string> {
    const { port, hostname } = new URL(attacked.gateway.url);
    const socket = connect(Number(port), hostname);
    const pieces: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => pieces.push(bytes));
    socket.on('error', () => undefined);
    socket.write(first);
    const timer = setInterval(() => socket.writable && socket.write(piece), 500);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(timer);
    return Buffer.concat(pieces).toString();
  }

  it('is cut, however it drips', async () => {
    const half = `${post}\r\nContent-Length: 1000\r\n\r\n{`;
    const drips = [
      ['', 'G'],
      ['GET /', 'a'],
      ['GET /targets HTTP/1.1\r\n', 'X: y\r\n'],
      ['GET /targets HTTP/1.1\r\nHost: a\r\nX: ', 'a'],
      ['GET /targets HTTP/1.1\r\nHost: a\r\n', ' '],
      [half, ' '],
      [`${post}\r\nTransfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
      [`${post}\r\nTransfer-Encoding: chunked\r\n\r\n`, '0'],
      [`${post}\r\nTransfer-Encoding: chunked\r\n\r\n1;`, 'a'],
      [`${post}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n`, 'X: y\r\n'],
    ] as const;
    const told = await Promise.all(drips.map(([first, piece]) => drip(first, piece)));
    for (const text of told) expect(text).toMatch(/^HTTP\/1\.1 4(?:00|08|13|31) /);
    expect(attacked.vendors.journal.all()).toEqual([]);
  });
});
