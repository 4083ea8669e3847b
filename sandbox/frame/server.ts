import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Arrived, Emulator, Reply } from '../exchange.ts';
import { deliver } from './delivery.ts';
import { disturbedReply } from './disturbed-reply.ts';
import { executes } from './fault.ts';
import type { Faults } from './faults.ts';
import type { Journal } from './journal.ts';
import { listen } from './listener.ts';
import type { Listener } from './listener.ts';
import { Timers } from './timers.ts';

/** What all emulators share: the ledger and the fault switches. */
export interface Frame {
  readonly journal: Journal;
  readonly faults: Faults;
}

async function arrivedOf(request: IncomingMessage): Promise<Arrived> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { method = '', url = '', headers } = request;
  const mark = url.indexOf('?');
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers,
    body: Buffer.concat(pieces),
  };
}

/**
 * At once, unless what is emulated has to be asked. A mistake of the emulator shows as such, and does not end the
 * process.
 */
function answerOf(emulator: Emulator, arrived: Arrived): Reply | Promise<Reply> {
  try {
    const answer = emulator.answer(arrived);
    return answer instanceof Promise ? answer.catch(mistake) : answer;
  } catch (error) {
    return mistake(error);
  }
}

function mistake(error: unknown): Reply {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-sandbox-error': 'true' };
  return { status: 500, headers, body: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/**
 * Puts an emulator on a loopback port. A request that has arrived is executed even if the client has gone meanwhile.
 */
export async function serve(emulator: Emulator, frame: Frame, port = 0): Promise<Listener> {
  const { journal, faults } = frame;
  const timers = new Timers();
  const connections = new WeakMap<Socket, number>();

  function connectionOf(socket: Socket): number {
    const number = connections.get(socket) ?? journal.nextConnection();
    connections.set(socket, number);
    return number;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const arrived = await arrivedOf(request);
    const call = emulator.callOf(arrived);
    const entry = journal.open(emulator.vendor, call, connectionOf(socket), arrived);
    response.once('close', () => {
      if (!response.writableFinished && entry.ending !== 'cut') journal.end(entry, 'abandoned');
    });
    const { millisecondsBefore, millisecondsAfter, disturbance, kinds } = faults.take(emulator.vendor, call, arrived);
    entry.faults = kinds;
    await timers.after(millisecondsBefore + (emulator.latency?.(call) ?? 0));
    let reply: Reply | null = null;
    if (disturbance === null || executes(disturbance)) {
      const answered = answerOf(emulator, arrived);
      reply = answered instanceof Promise ? await answered : answered;
      journal.execute(entry);
    }
    await timers.after(millisecondsAfter);
    const answer = disturbedReply(disturbance, reply);
    const silent = disturbance?.kind === 'reset-before' || disturbance?.kind === 'silence-before';
    if (!silent) entry.answered(answer);
    const delivered = await deliver(response, answer, disturbance, timers);
    if (entry.ending !== 'pending' || delivered === 'withheld') return;
    journal.end(entry, delivered === 'sent' ? 'answered' : 'cut');
  }

  const listener = await listen((request, response) => {
    // The only way to fail here is a client that went away while it was sending: nothing arrived.
    handle(request, response).catch(() => {
      response.destroy();
    });
  }, port);
  return {
    ...listener,
    async close() {
      timers.close();
      await listener.close();
    },
  };
}
