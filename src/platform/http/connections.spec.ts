import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connections } from './connections.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers each request with so many bytes, a turn later. */
async function serve(bytes: number, readMs?: number) {
  let [underWay, most, served] = [0, 0, 0];
  const connections = new Connections((_request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    setImmediate(() => {
      underWay -= 1;
      served += 1;
      response.end('x'.repeat(bytes));
    });
  }, readMs);
  server = createServer({ requireHostHeader: false }, connections.take);
  connections.start();
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  return { socket, most: () => most, served: () => served };
}

const requests = (count: number): string =>
  Array.from({ length: count }, (_, at) => `GET /${String(at)} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');

/** How many answers came, once so many did. */
async function answers(socket: Socket, count: number): Promise<number> {
  let [came, rest] = [0, ''];
  for await (const piece of socket as AsyncIterable<Buffer>) {
    const parts = (rest + piece.toString('latin1')).split('HTTP/1.1 200');
    came += parts.length - 1;
    rest = parts.at(-1)?.slice(-12) ?? '';
    if (came >= count) break;
  }
  return came;
}

describe('a connection', () => {
  it('has one request under way at a time, however many came at once, and all are answered', async () => {
    const { socket, most } = await serve(2);
    socket.write(requests(10_000));
    expect(await answers(socket, 10_000)).toBe(10_000);
    expect(most()).toBe(1);
  });

  it('is cut when it does not read answers, however short they are', async () => {
    const { socket, served } = await serve(1000, 200);
    socket.pause();
    const closed = new Promise((resolve) => server?.once('connection', (theirs) => theirs.once('close', resolve)));
    const flood = (): void => {
      while (!socket.destroyed && socket.write(requests(500)));
    };
    socket.on('drain', flood);
    socket.once('connect', flood);
    await closed;
    expect(served()).toBeGreaterThan(0);
    socket.destroy();
  });

  it('begins with nothing more once it was told to close', async () => {
    let served = 0;
    const connections = new Connections((_request, response) => {
      served += 1;
      setImmediate(() => response.setHeader('connection', 'close').end('x'));
    });
    server = createServer(connections.take);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(requests(20));
    await new Promise((resolve) => socket.resume().once('close', resolve));
    expect(served).toBe(1);
  });
});
