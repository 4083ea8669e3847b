import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many requests that came before their turn are held, of one connection and in all: what sends more is cut. */
const mostOfOne = 4096;
const mostOfAll = 8192;
const defaultReadMs = 30_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  response: ServerResponse;
  /** Requests that came before the one under way was answered. */
  readonly waiting: Exchange[];
  /** Since when the answer waits to be read; null if it does not. */
  unreadSince: number | null;
}

/**
 * Lets the requests of one connection begin one after the other, and reads no more of it meanwhile: who sends without
 * waiting takes no more memory than others. Callers that do not read their answer in time are cut, however short it is.
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>();
  readonly #handle: RequestListener;
  readonly #readMs: number;
  #waiting = 0;
  #sweep: NodeJS.Timeout | undefined;

  constructor(handle: RequestListener, readMs = defaultReadMs) {
    this.#handle = handle;
    this.#readMs = readMs;
  }

  /** Begins with a request at once, or once the one before it on its connection is answered. */
  readonly take = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    if (!connection) {
      this.#begin(socket, { response, waiting: [], unreadSince: null }, request);
      return;
    }
    if (connection.waiting.length >= mostOfOne || this.#waiting >= mostOfAll) {
      socket.destroy();
      return;
    }
    connection.waiting.push({ request, response });
    this.#waiting += 1;
    // Node goes on reading once a request is whole: what stops it comes after that.
    process.nextTick(() => socket.pause());
  };

  /** Looks from now on for answers that nobody reads. */
  start(): void {
    this.#sweep = setInterval(() => {
      this.#cutUnread(performance.now());
    }, this.#readMs / 20);
    this.#sweep.unref();
  }

  stop(): void {
    clearInterval(this.#sweep);
  }

  #begin(socket: Socket, connection: Connection, request: IncomingMessage): void {
    this.#connections.set(socket, connection);
    connection.response.once('close', () => {
      this.#next(socket, connection);
    });
    this.#handle(request, connection.response);
  }

  #next(socket: Socket, connection: Connection): void {
    const { waiting } = connection;
    const next = waiting.shift();
    if (!next || !socket.writable) {
      this.#waiting -= waiting.length + (next ? 1 : 0);
      waiting.length = 0;
      this.#connections.delete(socket);
      return;
    }
    this.#waiting -= 1;
    if (waiting.length === 0) socket.resume();
    connection.response = next.response;
    connection.unreadSince = null;
    this.#begin(socket, connection, next.request);
  }

  #cutUnread(now: number): void {
    for (const [socket, connection] of this.#connections) {
      const { writableEnded, writableFinished, writableNeedDrain } = connection.response;
      if (writableFinished || !(writableEnded || writableNeedDrain)) connection.unreadSince = null;
      else if (connection.unreadSince === null) connection.unreadSince = now;
      else if (now - connection.unreadSince >= this.#readMs) socket.destroy();
    }
  }
}
