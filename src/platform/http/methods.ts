import type { FastifyInstance } from 'fastify';
import { Failure } from '../../core/failure.js';

interface Known {
  readonly path: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers what no route takes, whatever the method: 405 with `Allow` where the path is known, else 404. Call before routes
 * are made.
 */
export function refuseUnrouted(fastify: FastifyInstance): void {
  const routes = new Map<string, Known>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const known = routes.get(url) ?? { path: pathOf(url), methods: new Set() };
    for (const one of [method].flat()) known.methods.add(one);
    routes.set(url, known);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done();
      return;
    }
    const path = request.url.split('?')[0] ?? '';
    const known = [...routes.values()].find((route) => route.path.test(path));
    if (!known) {
      done(new Failure('not-found', 'There is nothing at this address.'));
      return;
    }
    const allow = [...known.methods].toSorted().join(', ');
    void reply.header('allow', allow);
    done(new Failure('method-not-allowed', `Here only ${allow} can be used.`));
  });
}

/** What the paths of a route look like: `:name` stands for one segment. */
function pathOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => (segment.startsWith(':') ? '[^/]+' : RegExp.escape(segment)));
  return new RegExp(`^${segments.join('/')}$`);
}
