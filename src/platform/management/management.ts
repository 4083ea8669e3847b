import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** What a replica can take. */
export interface Readiness {
  /** False while it starts and while it stops. No vendor's health has a part in it. */
  ready: boolean;
}

/** Adds health and metrics, which need no credentials. Their bodies say nothing but how things stand. */
export function serveManagement(fastify: FastifyInstance, registry: Registry, readiness: Readiness): void {
  fastify.get('/health/live', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  fastify.get('/health/ready', (_request, reply) => {
    const { ready } = readiness;
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ok' : 'draining' });
  });
  fastify.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics();
    return reply.header('content-type', registry.contentType).header('cache-control', 'no-store').send(text);
  });
}
