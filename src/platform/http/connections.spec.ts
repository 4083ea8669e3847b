import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connections } from './connections.js';

let server: Server | undefined;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

/** A server whose answers take a millisecond of the event loop each; tells the paths in their order. */
async function start(): Promise<{ readonly port: number; readonly begun: string[] }> {
  const begun: string[] = [];
  const connections = new Connections(({ url = '' }, response) => {
    begun.push(url);
    for (const end = performance.now() + 1; performance.now() < end;);
    response.end();
  });
  server = createServer((request, response) => {
    connections.take(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, begun };
}

function send(port: number, bytes: string): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

const get = (path: string, times = 1): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(times);

describe('requests that were sent without waiting for answers', () => {
  it('leave room for others, who send one: those are soon answered', async () => {
    const { port, begun } = await start();
    const flood = Array.from({ length: 60 }, () => send(port, get('/flood', 50)));
    await once(flood[0]!, 'data');
    await once(send(port, get('/health')), 'data');
    expect(begun.indexOf('/health')).toBeLessThan(1500);
  });

  it('are answered, each, in their order', async () => {
    const { port, begun } = await start();
    const socket = send(port, Array.from({ length: 200 }, (_each, at) => get(`/${String(at)}`)).join(''));
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    while ((text.match(/HTTP\/1\.1 200/g) ?? []).length < 200) await once(socket, 'data');
    expect(begun).toEqual(Array.from({ length: 200 }, (_each, at) => `/${String(at)}`));
  });
});
