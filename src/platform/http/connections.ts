import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many requests that came before their turn are held, of one connection and in all: what sends more is cut. */
const mostOfOne = 4096;
const mostOfAll = 8192;
const defaultReadMs = 30_000;
/**
 * Of those, so many begin in one turn of the event loop. Node takes one new connection a turn: long turns would keep
 * callers out who send one request, and those who ask for health.
 */
const eachTurn = 4;

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
  /** What begins next on connections that sent without waiting. */
  readonly #nexts: (() => void)[] = [];
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
      cut(socket);
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
      if (connection.waiting.length === 0) this.#next(socket, connection);
      else
        this.#queue(() => {
          this.#next(socket, connection);
        });
    });
    this.#handle(request, connection.response);
  }

  /** A few in each turn of the event loop. */
  #queue(next: () => void): void {
    if (this.#nexts.push(next) === 1) setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    for (const next of this.#nexts.splice(0, eachTurn)) next();
    if (this.#nexts.length > 0) setImmediate(this.#turn);
  };

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
      else if (now - connection.unreadSince >= this.#readMs) cut(socket);
    }
  }
}

/**
 * Ends a connection. Node makes an error for each request that was read of it: their stacks, which nobody reads, would
 * keep the event loop from others for seconds.
 */
function cut(socket: Socket): void {
  if (socket.destroyed) return;
  const { stackTraceLimit } = Error;
  socket.prependOnceListener('close', () => {
    Error.stackTraceLimit = 0;
  });
  socket.once('close', () => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  socket.destroy();
}
