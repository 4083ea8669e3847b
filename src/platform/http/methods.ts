import type { FastifyInstance } from 'fastify';
import { Failure } from '../../core/model/failure.js';
import { Slot } from '../../core/model/slot.js';

interface Known {
  readonly template: string;
  readonly path: RegExp;
  readonly methods: Set<string>;
}

/** The paths that a server knows. */
export class Routes {
  readonly #known = new Map<string, Known>();

  add(template: string, methods: readonly string[]): void {
    const known = this.#known.get(template) ?? { template, path: pathOf(template), methods: new Set() };
    for (const one of methods) known.methods.add(one);
    this.#known.set(template, known);
  }

  /** The route of an address, whatever is asked of it. */
  of(address: string): Pick<Known, 'template' | 'methods'> | undefined {
    const path = pathIn(address);
    return this.#known.values().find((known) => known.path.test(path));
  }
}

/** An address without its query. */
export function pathIn(address: string): string {
  return address.split('?', 1)[0] ?? '';
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
export function refuseUnrouted(fastify: FastifyInstance, routes: Routes): void {
  fastify.addHook('onRoute', ({ url, method }) => {
    if (!url.includes('*')) routes.add(url, [method].flat());
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done();
      return;
    }
    const known = routes.of(request.url);
    if (!known) {
      done(new Failure('not-found', 'There is nothing at this address.'));
      return;
    }
    templates.set(request, known.template);
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
