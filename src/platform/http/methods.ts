import type { FastifyInstance } from 'fastify';
import { Failure } from '../../core/failure.js';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Remembers every route, so that a known path with another method can be told from an unknown path. Call before routes are made. */
export function watchRoutes(fastify: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const routes = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const known = routes.get(url) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    routes.set(url, known);
  });
  return routes;
}

/** Answers 405 with `Allow` where a path is known and a method is not. Call once all routes are made. */
export function refuseOtherMethods(fastify: FastifyInstance, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, known] of [...routes].filter(([path]) => !path.includes('*'))) {
    const others = methods.filter((method) => !known.has(method));
    const allow = [...known].toSorted().join(', ');
    if (others.length === 0) continue;
    fastify.route({
      method: others,
      url,
      handler: (_request, reply) => {
        void reply.header('allow', allow);
        throw new Failure('method-not-allowed', `Here only ${allow} can be used.`);
      },
    });
  }
}
