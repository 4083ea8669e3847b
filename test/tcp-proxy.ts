import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP proxy on loopback that can be told to be a bad network. */
export interface TcpProxy {
  readonly port: number;
  /** Lets every piece through so many milliseconds late. */
  slow(delayMs: number): void;
  /** Holds everything back until it lets it through again. */
  hang(): void;
  /** Ends every connection, and each that comes. */
  reset(): void;
  close(): Promise<void>;
}

/** Starts it in front of this port. */
export async function startTcpProxy(to: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let isReset = false;
  let open = Promise.resolve();
  let letThrough = (): void => undefined;

  async function pass(from: Socket, into: Socket): Promise<void> {
    try {
      for await (const piece of from) {
        if (delayMs > 0) await sleep(delayMs);
        await open;
        into.write(piece as Buffer);
      }
    } catch {
      // It was reset.
    }
    into.destroy();
  }

  const server = createServer((near) => {
    if (isReset) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    void pass(near, far);
    void pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    slow: (milliseconds) => {
      delayMs = milliseconds;
      isReset = false;
      letThrough();
    },
    hang: () => {
      open = new Promise((resolve) => {
        letThrough = resolve;
      });
    },
    reset: () => {
      isReset = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: async () => {
      letThrough();
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
