import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

/** A notification, as it arrived. */
export interface Notification {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly text: string;
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a receiver does with the next notification; without anything it answers 204. */
export type Answering = (response: ServerResponse, notification: Notification) => void;

/** A server that takes notifications. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Notification[];
  /** How it answers from now on. */
  answer: Answering;
  /** Those of a type, as soon as there are so many. */
  having(type: string, count?: number): Promise<readonly Notification[]>;
  close(): Promise<void>;
}

export const take: Answering = (response) => {
  response.writeHead(204).end();
};
/** Leaves the connection open, and never answers. */
export const hold: Answering = () => undefined;

export function refuseBy(status: number, headers: Readonly<Record<string, string>> = {}): Answering {
  return (response) => {
    response.writeHead(status, headers).end();
  };
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Notification[] = [];
  const receiver = { answer: take };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const { type, data } = JSON.parse(text) as Pick<Notification, 'type' | 'data'>;
      const { headers, url = '' } = request;
      const notification = { headers, path: url, text, id: String(headers['webhook-id']), type, data };
      received.push(notification);
      receiver.answer(response, notification);
    });
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const { port: own } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${String(own)}/hook`,
    received,
    having: (type: string, count = 1) =>
      until(
        () => received.filter((one) => one.type === type),
        (found) => found.length >= count,
      ),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Whom a secret of Standard Webhooks says a notification is from, by the reference algorithm: is it us? */
export function isSignedBy(secret: string, { headers, text }: Notification, now = Date.now()): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const seconds = Number(headers['webhook-timestamp']);
  if (!(Math.abs(now / 1000 - seconds) <= 300)) return false;
  const signed = `${String(headers['webhook-id'])}.${String(seconds)}.${text}`;
  const expected = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((one) => one.split(','))
    .some(([version, signature = '']) => {
      const found = Buffer.from(signature, 'base64');
      return version === 'v1' && found.length === expected.length && timingSafeEqual(found, expected);
    });
}
