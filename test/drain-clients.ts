import { Agent, request } from 'node:http';

/** Clients that keep their connections and send one request after the other. */
export interface Clients {
  /** What did not come to an answer. */
  readonly lost: readonly string[];
  /** How many answers of this server ended their connection. */
  closedByServer(url: string): number;
  /** Resolves once each client has so many answers of this server. */
  answered(url: string, count: number): Promise<void>;
  /** Lets each client end its last request. */
  stop(): Promise<void>;
}

/** Where new connections go: as a balancer does, to the first server that says that it is ready. */
class Balancer {
  readonly #urls: readonly string[];
  readonly #gone = new Set<string>();

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** Tells of a server that no longer takes connections. */
  leave(url: string): void {
    this.#gone.add(url);
  }

  get url(): string {
    return this.#urls.find((url) => !this.#gone.has(url)) ?? '';
  }
}

/**
 * Starts a client for each path. All begin at the first server, and go on there for as long as it keeps their
 * connection: a new connection goes where the balancer points.
 */
export function startClients(
  urls: readonly string[],
  paths: readonly string[],
  headers: Readonly<Record<string, string>>,
): Clients {
  const balancer = new Balancer(urls);
  const lost: string[] = [];
  const closed = new Map<string, number>();
  const counts = paths.map(() => new Map<string, number>());
  const state = { stopped: false };
  let watchers: (() => void)[] = [];

  const one = async (path: string, index: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let url = balancer.url;
    while (!state.stopped) {
      const end = await exchange(`${url}${path}`, headers, agent);
      if (end.is === 'refused') {
        balancer.leave(url);
        url = balancer.url;
        continue;
      }
      if (end.is === 'lost') lost.push(`${path}: ${end.why}`);
      else counts[index]?.set(url, (counts[index].get(url) ?? 0) + 1);
      if (end.is === 'answered' && end.closes) {
        closed.set(url, (closed.get(url) ?? 0) + 1);
        // A balancer hears from readiness that this server stops, and sends new connections elsewhere.
        balancer.leave(url);
        url = balancer.url;
      }
      for (const watcher of watchers) watcher();
    }
    agent.destroy();
  };
  const running = paths.map(one);
  return {
    lost,
    closedByServer: (url) => closed.get(url) ?? 0,
    answered: (url, count) =>
      new Promise((resolve) => {
        const watcher = (): void => {
          if (!counts.every((own) => (own.get(url) ?? 0) >= count)) return;
          watchers = watchers.filter((other) => other !== watcher);
          resolve();
        };
        watchers.push(watcher);
      }),
    stop: async () => {
      state.stopped = true;
      await Promise.all(running);
    },
  };
}

type End =
  | { readonly is: 'answered'; readonly closes: boolean }
  /** A new connection was refused: nothing was sent, and another server can be asked. */
  | { readonly is: 'refused' }
  | { readonly is: 'lost'; readonly why: string };

function exchange(url: string, headers: Readonly<Record<string, string>>, agent: Agent): Promise<End> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, headers });
    const fail = (error: NodeJS.ErrnoException): void => {
      resolve(error.code === 'ECONNREFUSED' ? { is: 'refused' } : { is: 'lost', why: error.code ?? error.message });
    };
    sent.on('error', fail);
    sent.on('response', (response) => {
      response.resume();
      response.on('error', fail);
      response.on('end', () => {
        const { statusCode = 0, headers: answered } = response;
        if (statusCode === 200) resolve({ is: 'answered', closes: answered.connection === 'close' });
        else resolve({ is: 'lost', why: `HTTP ${statusCode}` });
      });
    });
    sent.end();
  });
}
