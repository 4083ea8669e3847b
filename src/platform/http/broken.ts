import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { Failure, type FailureKind } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import { Slot } from '../../core/model/slot.js';
import { problemBody } from './send-problem.js';
import type { TellUnhooked } from './unhooked.js';

/** What Node could not go on reading. */
interface Broken extends Error {
  readonly code?: string | undefined;
  readonly rawPacket?: unknown;
}

/** A request whose headers came. */
interface UnderWay {
  readonly raw: ServerResponse;
  /** Answers it; null if that was done at once. */
  readonly reply: FastifyReply | null;
}

interface Connection {
  /** The last request whose headers came, unless all of it came and it was answered. */
  last: UnderWay | null;
  /** Is what broke already waiting for its turn? */
  waits: boolean;
}

const connections = new Slot<Connection>();

function newConnection(socket: Socket): Connection {
  const connection = { last: null, waits: false };
  connections.set(socket, connection);
  return connection;
}

/** Keeps which request is under way on its connection, so that it is known should it break. */
export function keepUnderWay(raw: ServerResponse, reply: FastifyReply | null): void {
  const { req } = raw;
  const connection = connections.get(req.socket) ?? newConnection(req.socket);
  const last = { raw, reply };
  connection.last = last;
  // A connection may be kept for long.
  raw.once('close', () => {
    if (connection.last === last && req.complete) connection.last = null;
  });
}

/**
 * Answers what Node cannot go on reading, once, and closes the connection: the request that is under way if its headers
 * came, as any other request is answered, else whatever it was that came.
 */
export function refuseBroken(error: Broken, socket: Socket, tell: TellUnhooked): void {
  if (!socket.writable || error.code === 'ECONNRESET' || error.code?.startsWith('ERR_SSL_')) {
    socket.destroy();
    return;
  }
  const connection = connections.get(socket);
  const last = connection?.last;
  if (!connection || !last) {
    refuseUnread(failureOf(error), socket, tell);
    return;
  }
  const { raw, reply } = last;
  if (!raw.req.complete) {
    // An answer was given before all of the request came: a second one would be taken for that of another request.
    if (!reply || reply.sent || raw.headersSent) socket.destroySoon();
    else reply.header('connection', 'close').send(failureOf(error));
  } else if (!connection.waits) {
    // What is broken stands behind a request that is whole: that is answered first.
    connection.waits = true;
    raw.once('close', () => {
      connection.last = null;
      refuseBroken(error, socket, tell);
    });
  }
}

function refuseUnread(failure: Failure, socket: Socket, tell: TellUnhooked): void {
  const id = randomUUID();
  const problem = problemOf(failure);
  const body = problemBody({ ...problem, instance: '', requestId: id });
  const head = [
    `HTTP/1.1 ${String(problem.status)} ${reasonPhrases[failure.kind] ?? 'Bad Request'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    `X-Request-Id: ${id}`,
    'Cache-Control: no-store',
    'Connection: close',
    ...(problem.retryAfterSeconds === undefined ? [] : [`Retry-After: ${String(problem.retryAfterSeconds)}`]),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  tell({ requestId: id, method: null, address: null, status: problem.status, failure });
}

const reasonPhrases: Partial<Record<FailureKind, string>> = {
  'request-timeout': 'Request Timeout',
  'headers-too-large': 'Request Header Fields Too Large',
  'uri-too-long': 'URI Too Long',
  'payload-too-large': 'Payload Too Large',
};

/** How a packet begins whose first line does not end in it. A later packet may be a part of a header as well. */
const longAddress = /^[A-Z-]+ [^\s]+$/;
const firstBytes = 16 * 1024;

function failureOf({ code, rawPacket }: Broken): Failure {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Failure(
        'request-timeout',
        'The request did not arrive in time: headers have 5 seconds, the whole has 10.',
      );
    case 'HPE_HEADER_OVERFLOW':
      return Buffer.isBuffer(rawPacket) && longAddress.test(rawPacket.subarray(0, firstBytes).toString('latin1'))
        ? new Failure('uri-too-long', 'The address is longer than 16 KiB: long lists of ids go into the body.')
        : new Failure('headers-too-large', 'The headers are larger than 16 KiB.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Failure('payload-too-large', 'The chunks of the body carry too much.');
    default:
      return new Failure('invalid-request', 'This is not a valid HTTP request.');
  }
}
