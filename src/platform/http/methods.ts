import type { FastifyInstance } from 'fastify';
import { Failure } from '../../core/failure.js';
import { Slot } from '../../core/slot.js';

interface Known {
  readonly path: RegExp;
  readonly methods: Set<string>;
}

const templates = new Slot<string>();

/** The template of the known path that was asked for with a method that it does not take. */
export function templateOfRefused(request: object): string | undefined {
  return templates.get(request);
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
    const [template, known] = [...routes].find(([, route]) => route.path.test(path)) ?? [];
    if (template === undefined || !known) {
      done(new Failure('not-found', 'There is nothing at this address.'));
      return;
    }
    templates.set(request, template);
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
