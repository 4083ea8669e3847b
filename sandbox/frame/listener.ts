import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server that listens on loopback. */
export interface Listener {
  readonly port: number;
  /** `http://127.0.0.1:<port>`, no slash at its end. */
  readonly url: string;
  /** Stops listening and destroys every connection; resolves when nothing is left. */
  close(): Promise<void>;
}

async function listening(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Listens on 127.0.0.1, on a free port if 0 is asked for; rejects if the port is taken. */
export async function listen(handler: RequestListener, port = 0): Promise<Listener> {
  const server = createServer({ maxHeaderSize: 256 * 1024 }, handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listening(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}
