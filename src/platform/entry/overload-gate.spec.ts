import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { body } from '../http/body.js';
import { receive } from '../http/receive.js';
import { openFastify } from '../http/fastify.js';
import type { Unhooked } from '../http/unhooked.js';
import { gate, OverloadGate, turn } from './overload-gate.js';
import { Shedding } from '../limits/shedding.js';
import type { Start } from '../limits/start-queue.js';

let fastify: FastifyInstance;
let isLate: boolean;
let held: Start[];
let told: Unhooked[];
let served: string[];
let url: string;

beforeEach(async () => {
  [isLate, held, told, served] = [false, [], [], []];
  const queue = {
    get isLate() {
      return isLate;
    },
    enter: (start: Start) => {
      held.push(start);
    },
  };
  const unhooked = (answer: Unhooked): void => {
    told.push(answer);
  };
  const overload = new OverloadGate(new Shedding({ inFlight: 2 }), unhooked, queue);
  const stack = [gate(overload), receive(), turn(overload), body()];
  fastify = openFastify(stack, () => undefined, { unhooked }).getInstance<FastifyInstance>();
  for (const path of ['/processes', '/health/live']) {
    fastify.get(path, () => {
      served.push(path);
      return {};
    });
  }
  fastify.post('/sessions/flush', () => ({}));
  await fastify.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${String(portOf())}`;
});

afterEach(() => fastify.close());

const portOf = (): number => (fastify.server.address() as AddressInfo).port;

/** A connection of its own, that has sent this. */
function send(text: string): Socket {
  const socket = connect(portOf(), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

async function heard(socket: Socket, until: RegExp): Promise<string> {
  let text = '';
  socket.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  while (!until.test(text)) await once(socket, 'data');
  return text;
}

const look = 'GET /processes HTTP/1.1\r\nHost: a\r\n\r\n';
const head =
  'POST /sessions/flush?a=1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: flush-1\r\nContent-Type: application/json\r\n';

describe('a request', () => {
  it('begins when it is its turn, and not before', async () => {
    const asked = once(fastify.server, 'request');
    const answer = fetch(`${url}/processes`);
    await asked;
    expect([held.length, served]).toEqual([1, []]);
    held[0]?.begin();
    expect((await answer).status).toBe(200);
    expect(served).toEqual(['/processes']);
  });

  it('is refused while others wait for too long, unless it asks for health', async () => {
    isLate = true;
    const refused = await fetch(`${url}/processes?target=a`, { headers: { traceparent: 'one' } });
    expect(refused.status).toBe(503);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'retry-after': expect.stringMatching(/^\d+$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(refused.headers.has('sluice-state')).toBe(false);
    const requestId = refused.headers.get('x-request-id');
    expect(await refused.json()).toMatchObject({ code: 'overloaded', instance: '/processes', requestId });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect([held.length, served]).toEqual([0, ['/health/live']]);
    expect(told).toEqual([
      {
        ...{ requestId, method: 'GET', address: '/processes?target=a', status: 503, traceparent: 'one' },
        failure: expect.objectContaining({ kind: 'overloaded' }),
      },
    ]);
  });

  it('is refused while as many are in as may be, and taken once one has left', async () => {
    const first = [send(look), send(look)];
    while (held.length < 2) await once(fastify.server, 'request');
    expect((await fetch(`${url}/processes`)).status).toBe(503);
    for (const { begin } of held.splice(0)) begin();
    for (const socket of first) await heard(socket, /200 OK/);
    const asked = once(fastify.server, 'request');
    const answer = fetch(`${url}/processes`);
    await asked;
    held[0]?.begin();
    expect((await answer).status).toBe(200);
    for (const socket of first) socket.destroy();
  });

  it('that changes something is told that nothing was done, under the id that it chose', async () => {
    isLate = true;
    const socket = send(`${head}Content-Length: 2\r\n\r\n{}`);
    const text = await heard(socket, /\}$/);
    expect(text).toMatch(
      /^HTTP\/1\.1 503 [^]*x-request-id: flush-1[^]*sluice-state: failed\r\nsluice-completed: false/,
    );
    expect(told[0]).toMatchObject({ requestId: 'flush-1', method: 'POST' });
    socket.destroy();
  });

  it('that was refused is not answered twice where the rest of it is broken', async () => {
    isLate = true;
    const socket = send(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    await heard(socket, /\}$/);
    const more: Buffer[] = [];
    socket.on('data', (piece: Buffer) => more.push(piece));
    const closed = once(socket, 'close');
    socket.write('no chunk\r\n');
    await closed;
    expect([more, told.length]).toEqual([[], 1]);
  });

  it('that was refused whole leaves its connection to the next', async () => {
    isLate = true;
    const socket = send(look);
    await heard(socket, /\}$/);
    isLate = false;
    const asked = once(fastify.server, 'request');
    socket.write(look);
    await asked;
    held[0]?.begin();
    await heard(socket, /200 OK/);
    // What is broken after it is told of by itself.
    const answer = heard(socket, /400 Bad Request/);
    socket.write('no request\r\n\r\n');
    await answer;
    expect(told.map(({ status }) => status)).toEqual([503, 400]);
  });

  it('is known to be gone once its caller has hung up', async () => {
    const accepted = once(fastify.server, 'connection');
    const asked = once(fastify.server, 'request');
    const socket = send(look);
    const [theirs] = (await accepted) as [NodeJS.EventEmitter];
    await asked;
    expect(held.map(({ isGone }) => isGone())).toEqual([false]);
    const closed = once(theirs, 'close');
    socket.destroy();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(held.map(({ isGone }) => isGone())).toEqual([true]);
  });
});
