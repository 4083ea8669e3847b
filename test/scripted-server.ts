import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One thing that the server does to a socket. */
export type Step = (socket: Socket) => void | Promise<void>;

/** What the server does with one request once it has read it whole; or with a connection, before it reads anything. */
export interface Script {
  readonly on: 'request' | 'connection';
  readonly steps: readonly Step[];
}

/** A request as it arrived. */
export interface Received {
  /** Counts connections from 1. */
  readonly connection: number;
  readonly requestLine: string;
  readonly head: string;
  readonly body: string;
}

/** A script for a request. */
export function onRequest(...steps: readonly Step[]): Script {
  return { on: 'request', steps };
}

/** A script for a connection that was just accepted. */
export function onConnection(...steps: readonly Step[]): Script {
  return { on: 'connection', steps };
}

/** Writes these bytes. */
export function write(bytes: string | Buffer): Step {
  return (socket) => {
    socket.write(bytes);
  };
}

/** Ends the connection in the middle of things. */
export const reset: Step = (socket) => {
  socket.resetAndDestroy();
};

/** Ends the connection properly. */
export const finish: Step = (socket) => {
  socket.end();
};

/** Says nothing more. */
export const silence: Step = () => undefined;

/**
 * Writes the same bytes over and over, as fast as they are taken or so many milliseconds apart, until the other side
 * closes.
 */
export function drip(bytes: string | Buffer, everyMs = 0): Step {
  return async (socket) => {
    while (!socket.destroyed && socket.writable) {
      const isTaken = socket.write(bytes);
      await new Promise<void>((resolve) => {
        if (isTaken) {
          setTimeout(resolve, everyMs);
          return;
        }
        socket.once('drain', resolve);
        socket.once('close', resolve);
      });
    }
  };
}

/** A whole answer. Header lines are written as they are given; the length is added unless one is given. */
export function answer(status: number, body: string | Buffer = '', ...headerLines: readonly string[]): Step {
  const bytes = Buffer.from(body);
  const hasLength = headerLines.some((line) => /^(?:content-length|transfer-encoding):/i.test(line));
  const length = hasLength ? [] : [`Content-Length: ${String(bytes.length)}`];
  const head = [`HTTP/1.1 ${String(status)} Scripted`, ...headerLines, ...length, '', ''].join('\r\n');
  return write(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
}

/**
 * A TCP server on loopback that does to each connection and each request what its scripts say, in their order; the last
 * script for requests goes on for ever. What it received is its ledger: it judges how often something was really sent.
 */
export class ScriptedServer implements AsyncDisposable {
  readonly ledger: Received[] = [];
  /** How many connections were accepted. */
  connections = 0;
  /** The first bytes of each connection, parsed or not. */
  readonly opened: Buffer[] = [];
  readonly #scripts: Script[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watchers = new Set<() => void>();

  private constructor(scripts: readonly Script[]) {
    this.#scripts = [...scripts];
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  static async start(...scripts: readonly Script[]): Promise<ScriptedServer> {
    const server = new ScriptedServer(scripts);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${String(this.port)}${path}`;
  }

  /** Resolves once so many requests have been received. */
  received(count: number): Promise<void> {
    return this.until(() => this.ledger.length >= count);
  }

  /** Resolves once no connection is open. */
  closed(): Promise<void> {
    return this.until(() => this.#sockets.size === 0);
  }

  /** Resolves once something is true of this server. */
  async until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return;
    await new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (!isTrue()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    const connection = this.connections;
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#changed();
    });
    const [script] = this.#scripts;
    if (script?.on === 'connection') {
      this.#scripts.shift();
      socket.once('data', (bytes: Buffer) => {
        this.opened.push(bytes);
        this.#changed();
      });
      void play(script, socket);
      return;
    }
    this.#read(socket, connection);
  }

  #read(socket: Socket, connection: number): void {
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      if (text === '') this.opened.push(bytes);
      text += bytes.toString('latin1');
      for (let request = firstRequest(text); request; request = firstRequest(text)) {
        text = text.slice(request.length);
        const { head, body } = request;
        this.ledger.push({ connection, requestLine: head.split('\r\n', 1)[0] ?? '', head, body });
        this.#changed();
        const script = this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
        if (script) void play(script, socket);
      }
    });
  }
}

function firstRequest(text: string): { readonly head: string; readonly body: string; readonly length: number } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = text.slice(0, end);
  const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? '0');
  const length = end + 4 + bodyLength;
  if (text.length < length) return null;
  return { head, body: Buffer.from(text.slice(end + 4, length), 'latin1').toString(), length };
}

async function play(script: Script, socket: Socket): Promise<void> {
  for (const step of script.steps) await step(socket);
}
