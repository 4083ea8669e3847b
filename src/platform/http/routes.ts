import { Failure } from '../../core/model/failure.js';
import { malformation } from './receive.js';
import type { Step } from './step.js';

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

/** Below any prefix. */
const quiet = /\/(?:health\/(?:live|ready)|metrics)$/;

/** Is it asked so often, and says so little, that it is not told of unless it fails? */
export function isQuiet(route: string): boolean {
  return quiet.test(route);
}

/**
 * Refuses what is malformed, and what no route takes, whatever the method: 405 with `Allow` where the path is known,
 * else 404.
 */
export function route(routes: Routes): Step {
  return {
    prepare: (fastify) => {
      fastify.addHook('onRoute', ({ url, method }) => {
        if (!url.includes('*')) routes.add(url, [method].flat());
      });
    },
    onRequest: (request, reply, done) => {
      const failure = malformation(request.raw);
      if (failure || !request.is404) {
        done(failure);
        return;
      }
      const known = routes.of(request.url);
      if (!known) {
        done(new Failure('not-found', 'There is nothing at this address.'));
        return;
      }
      request.facts.route = known.template;
      const allow = [...known.methods].toSorted().join(', ');
      void reply.header('allow', allow);
      done(new Failure('method-not-allowed', `Here only ${allow} can be used.`));
    },
  };
}

/** What the paths of a route look like: `:name` stands for one segment. */
function pathOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => (segment.startsWith(':') ? '[^/]+' : RegExp.escape(segment)));
  return new RegExp(`^${segments.join('/')}$`);
}
