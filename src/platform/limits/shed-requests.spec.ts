import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { shedRequests } from './shed-requests.js';
import { Shedding } from './shedding.js';
import type { Start } from './starts.js';

let fastify: FastifyInstance;
let isLate: boolean;
let held: Start[];
let told: string[];
let served: string[];

beforeEach(() => {
  [isLate, held, told, served] = [false, [], [], []];
  fastify = Fastify();
  const starts = {
    get isLate() {
      return isLate;
    },
    enter: (start: Start) => {
      held.push(start);
    },
  };
  const tell = ({ kind }: { readonly kind: string }): void => {
    told.push(kind);
  };
  shedRequests(fastify, new Shedding(), new Registry(), tell, starts);
  for (const path of ['/processes', '/health/live']) {
    fastify.get(path, () => {
      served.push(path);
      return {};
    });
  }
});

afterEach(() => fastify.close());

describe('a request', () => {
  it('begins when it is its turn, and not before', async () => {
    const answer = fastify.inject('/processes');
    await new Promise((resolve) => setImmediate(resolve));
    expect([held.length, served]).toEqual([1, []]);
    held[0]?.begin();
    expect((await answer).statusCode).toBe(200);
    expect(served).toEqual(['/processes']);
  });

  it('is refused while others wait for too long, unless it asks for health', async () => {
    isLate = true;
    const refused = await fastify.inject('/processes');
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([503, 'overloaded']);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect((await fastify.inject('/health/live')).statusCode).toBe(200);
    expect([held.length, told, served]).toEqual([0, ['overloaded'], ['/health/live']]);
  });

  it('is known to be gone once its caller has hung up', async () => {
    await fastify.listen({ host: '127.0.0.1', port: 0 });
    const { server } = fastify;
    const accepted = once(server, 'connection');
    const asked = once(server, 'request');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET /processes HTTP/1.1\r\nHost: a\r\n\r\n');
    const [theirs] = (await accepted) as [NodeJS.EventEmitter];
    await asked;
    expect(held.map(({ isGone }) => isGone())).toEqual([false]);
    const closed = once(theirs, 'close');
    socket.destroy();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(held.map(({ isGone }) => isGone())).toEqual([true]);
  });
});
