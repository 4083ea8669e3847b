import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { drip } from '../../../test/scripted-server.js';
import { ProblemFilter } from './problem.filter.js';
import { body } from './body.js';
import { receive } from './receive.js';
import { openFastify, type HttpOptions, type Refuse } from './fastify.js';

let server: FastifyInstance | undefined;
let handled = 0;

afterEach(() => server?.close());

/** A server whose handler counts, and answers with so many bytes. */
async function serve(options: HttpOptions, bytes = 2): Promise<Socket> {
  handled = 0;
  const filter = new ProblemFilter(() => undefined, '');
  const refuse: Refuse = (error, request, reply) => {
    filter.answer(error, request, reply);
  };
  server = openFastify([receive(), body()], refuse, options).getInstance<FastifyInstance>();
  server.setErrorHandler(refuse);
  server.post('/', (_request, reply) => {
    handled += 1;
    return reply.send('x'.repeat(bytes));
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** All that comes back until the server closes. */
async function answerOn(socket: Socket): Promise<string> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  await once(socket, 'close');
  return Buffer.concat(pieces).toString();
}

const hurry = { headersMs: 60, requestMs: 120, checkEveryMs: 20 };
const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

describe('a caller who is slow', () => {
  it.each([
    ['stops within the headers', 'POST / HTTP/1.1\r\nHos', ''],
    ['drips headers', head, 'X-A: 1\r\n'],
    ['stops within the body', `${head}Content-Length: 100\r\n\r\n{`, ''],
    ['drips a body', `${head}Content-Length: 200000\r\n\r\n{`, ' '],
    ['drips chunks', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, '1\r\n \r\n'],
  ])('and %s is cut, and told so', async (_name, first, then) => {
    const socket = await serve(hurry);
    socket.write(first);
    if (then !== '') void drip(then, 5)(socket);
    const text = await answerOn(socket);
    // A socket that is still written to may be reset before what it was told is read.
    if (then === '' || text !== '') expect(text).toContain('408 Request Timeout');
    expect(handled).toBe(0);
  });

  it('and does not read its answer is cut', async () => {
    const socket = await serve({ readMs: 50 }, 64 * 1024 * 1024);
    socket.pause();
    const closed = new Promise((resolve) =>
      server?.server.once('request', ({ socket: own }) => own.once('close', resolve)),
    );
    socket.write(`${head}Content-Length: 2\r\n\r\n{}`);
    await closed;
    expect(handled).toBe(1);
    socket.destroy();
  });

  it('but reads its answer gets all of it', async () => {
    const socket = await serve({ readMs: 20_000 }, 8 * 1024 * 1024);
    socket.write(`${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`);
    expect((await answerOn(socket)).length).toBeGreaterThan(8 * 1024 * 1024);
  });
});
