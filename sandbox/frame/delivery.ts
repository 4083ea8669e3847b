import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Reply } from '../exchange.ts';
import type { CutEnding, Disturbance, Framing } from './fault.ts';
import type { Timers } from './timers.ts';

function headOf(reply: Reply, length: Readonly<Record<string, string>>): string {
  const headers = Object.entries({ ...reply.headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n${headers.join('')}\r\n`;
}

/** Sends the head and `atByte` bytes of the body as if all were to come, by hand: `node:http` would not lie. */
function cut(response: ServerResponse, reply: Reply, framing: Framing, atByte: number | undefined, ending: CutEnding) {
  const { socket } = response;
  if (!socket) return;
  const body = Buffer.from(reply.body, reply.encoding);
  const part = body.subarray(0, atByte ?? Math.floor(body.length / 2));
  const framings = {
    length: [headOf(reply, { 'content-length': String(body.length) }), part],
    chunked: [headOf(reply, { 'transfer-encoding': 'chunked' }), `${body.length.toString(16)}\r\n`, part],
    close: [headOf(reply, { connection: 'close' }), part],
  };
  socket.write(Buffer.concat(framings[framing].map((piece) => Buffer.from(piece))), () => {
    if (ending === 'fin') socket.destroySoon();
    if (ending === 'reset') socket.resetAndDestroy();
  });
}

async function drip(response: ServerResponse, reply: Reply, millisecondsPerByte: number, timers: Timers) {
  const body = Buffer.from(reply.body, reply.encoding);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(body.length) });
  response.flushHeaders();
  for (const byte of body) {
    await timers.after(millisecondsPerByte);
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
  }
  response.end();
}

function send(response: ServerResponse, reply: Reply, framing: 'length' | 'chunked', atByte?: number) {
  const body = Buffer.from(reply.body, reply.encoding).subarray(0, atByte);
  const length = framing === 'length' ? { 'content-length': String(body.length) } : undefined;
  response.writeHead(reply.status, { ...reply.headers, ...length });
  response.end(body);
}

/** Delivers the reply, well or badly; tells whether the whole of it is on its way, was cut, or never begins. */
export async function deliver(
  response: ServerResponse,
  reply: Reply,
  disturbance: Disturbance | null,
  timers: Timers,
): Promise<'sent' | 'cut' | 'withheld'> {
  switch (disturbance?.kind) {
    case 'reset-before':
    case 'reset-after':
      response.socket?.resetAndDestroy();
      return 'cut';
    case 'fin-after':
      response.socket?.destroySoon();
      return 'cut';
    case 'silence-before':
    case 'silence-after':
      return 'withheld';
    case 'cut-body': {
      const { framing, atByte, ending = 'fin' } = disturbance;
      cut(response, reply, framing, atByte, ending);
      return ending === 'silence' ? 'withheld' : 'cut';
    }
    case 'slow-body':
      await drip(response, reply, disturbance.millisecondsPerByte, timers);
      return 'sent';
    case 'too-big':
      send(response, reply, disturbance.framing ?? 'length');
      return 'sent';
    case 'truncate':
      send(response, reply, 'length', disturbance.atByte);
      return 'sent';
    default:
      send(response, reply, 'length');
      return 'sent';
  }
}
