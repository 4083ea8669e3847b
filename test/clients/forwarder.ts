import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen, type Listener } from '../../sandbox/frame/listener.ts';

/** One request as it passed, its body as text. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Lets requests pass to a server as they are, and shows each to `see`. */
export async function forwardTo(url: string, see: (passed: Passed) => void): Promise<Listener> {
  const { hostname, port } = new URL(url);
  async function pass(incoming: IncomingMessage): Promise<{ answer: IncomingMessage; body: Buffer }> {
    const { method = '', url: target = '', headers } = incoming;
    const body = await buffer(incoming);
    const [path = '', query = ''] = target.split('?');
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    see({ method, path, query, headers: Object.fromEntries(texts), body: body.toString() });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ hostname, port, method, path: target, headers }, resolve).once('error', reject).end(body);
    });
    return { answer, body: await buffer(answer) };
  }
  return listen((incoming, response) => {
    pass(incoming).then(
      ({ answer, body }) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
      },
      () => response.destroy(),
    );
  });
}
