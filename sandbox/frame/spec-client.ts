import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

/** What a client saw of one exchange: a whole answer, part of one, or none. */
export interface Seen {
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether the end of the body came as announced. */
  readonly complete: boolean;
  /** The error code, if the exchange failed. */
  readonly error: string | null;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
  /** Called with what has come so far, at each piece. */
  readonly onPiece?: (soFar: string) => void;
}

/** One request without redirects or retries; never rejects. On a connection of its own unless an agent is given. */
export async function exchange(url: string, call: Call = {}): Promise<Seen> {
  const { method = 'POST', headers = {}, body, agent = new Agent(), signal, onPiece } = call;
  return new Promise<Seen>((resolve) => {
    let seen: Seen = { status: null, headers: {}, body: '', complete: false, error: null };
    const end = (error: NodeJS.ErrnoException | null) => {
      resolve({ ...seen, error: error && (error.code ?? error.message) });
    };
    const outgoing = request(url, { method, headers, agent, ...(signal && { signal }) }, (response) => {
      seen = { ...seen, status: response.statusCode ?? null, headers: response.headers };
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        seen = { ...seen, body: seen.body + piece };
        onPiece?.(seen.body);
      });
      response.on('end', () => {
        seen = { ...seen, complete: response.complete };
        end(null);
      });
      response.on('error', end);
    });
    outgoing.on('error', end);
    outgoing.end(body);
  });
}
