import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What clients under load have seen. */
export interface Seen {
  readonly requests: number;
  /** What did not come to an answer that says what was done. */
  readonly failed: readonly string[];
  /** The id that each kill was about, and the operation that it became. */
  readonly kills: ReadonlyMap<string, string>;
}

export interface Load {
  seen(): Seen;
  /** Lets each client end its last request. */
  stop(): Promise<Seen>;
}

/** How many clients there are of each kind. */
export interface Clients {
  readonly readers: number;
  readonly killers: number;
}

const answerMs = 20_000;
/** How long who looks rests after each answer, so that the processors are left to what is replaced. */
const restMs = 20;

/**
 * Clients that keep their connections: most of them look, some kill one process after the other, each by an id of its
 * own.
 */
export function startLoad(url: string, key: string, newcomer: () => string, { readers, killers }: Clients): Load {
  const failed: string[] = [];
  const kills = new Map<string, string>();
  let requests = 0;
  let isOver = false;

  const client = async (path: () => { readonly method: string; readonly path: string; readonly id: string | null }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isOver) {
      const { method, path: at, id } = path();
      requests += 1;
      try {
        const answer = await exchange(`${url}${at}`, method, key, agent);
        if (answer.status !== 200 && answer.status !== 202) failed.push(`${method} ${at}: ${answer.text}`);
        else if (id !== null) kills.set(id, answer.operation);
        else await sleep(restMs);
      } catch (thrown) {
        failed.push(`${method} ${at}: ${thrown instanceof Error ? thrown.message : 'failed'}`);
        // Whoever is refused at once would ask again at once, and leave nothing to the others.
        await sleep(100);
      }
    }
    agent.destroy();
  };

  const looking = Array.from({ length: readers }, (_, index) =>
    client(() => ({
      method: 'GET',
      path: index % 2 === 0 ? '/targets' : '/processes?target=orders&limit=5',
      id: null,
    })),
  );
  const killing = Array.from({ length: killers }, () =>
    client(() => {
      const id = newcomer();
      return { method: 'DELETE', path: `/processes?target=orders&node=primary&id=${id}&reason=rehearsal`, id };
    }),
  );
  const seen = (): Seen => ({ requests, failed, kills });
  return {
    seen,
    stop: async () => {
      isOver = true;
      await Promise.all([...looking, ...killing]);
      return seen();
    },
  };
}

function exchange(
  url: string,
  method: string,
  key: string,
  agent: Agent,
): Promise<{ readonly status: number; readonly text: string; readonly operation: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { 'x-api-key': key } }, (answer) => {
      let text = `${String(answer.statusCode)} `;
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => {
        const operation = answer.headers['sluice-operation'];
        resolve({
          status: answer.statusCode ?? 0,
          text: text.slice(0, 300),
          operation: typeof operation === 'string' ? operation : '',
        });
      });
      answer.once('error', reject);
    });
    sent.once('error', reject);
    sent.setTimeout(answerMs, () => {
      sent.destroy(new Error(`no answer in ${String(answerMs)} ms`));
    });
    sent.end();
  });
}
