import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A proxy that opens tunnels by CONNECT, and nothing else. */
export interface Proxy {
  /** `http://127.0.0.1:<port>`, no slash at its end. */
  readonly url: string;
  /** What was asked for: `host:port`, and with which credentials. */
  readonly ledger: readonly { readonly to: string; readonly authorization: string | undefined }[];
  /**
   * What it does with the next requests: opens a tunnel, refuses with this status, resets the connection, or says
   * nothing.
   */
  behaviour: 'open' | 'reset' | 'silence' | number;
  close(): Promise<void>;
}

/** Starts it on loopback. */
export async function startProxy(): Promise<Proxy> {
  const ledger: { to: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => {
    response.writeHead(405).end();
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
  });
  server.on('connect', ({ url = '', headers }: IncomingMessage, socket: Socket) => {
    ledger.push({ to: url, authorization: headers['proxy-authorization'] });
    socket.on('error', () => undefined);
    const { behaviour } = proxy;
    if (behaviour === 'silence') return;
    if (behaviour === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    if (behaviour !== 'open') {
      socket.end(`HTTP/1.1 ${behaviour} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port] = url.split(':');
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    sockets.add(through);
    through.on('error', () => {
      socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger,
    behaviour: 'open',
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  return proxy;
}
