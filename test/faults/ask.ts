import { Agent, request } from 'undici';
import { demoKeys } from '../../sandbox/gateway-config.ts';

/** What came back, and after how long. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The members of a JSON object; none of anything else. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** Nobody waits for another's connection, and none is kept: processes come and go. */
const dispatcher = new Agent({ connections: null, keepAliveTimeout: 1, headersTimeout: 120_000 });

/** One request of the operator to a gateway that is a process of its own. Rejects if the connection fails. */
export async function ask(url: string, method: string, path: string, asking: Asking = {}): Promise<Answered> {
  const { headers, body, signal } = asking;
  const since = performance.now();
  const answer = await request(`${url}${path}`, {
    method,
    dispatcher,
    headers: {
      'x-api-key': demoKeys.operator,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await answer.body.text();
  const milliseconds = performance.now() - since;
  const isJson = /json/.test(String(answer.headers['content-type']));
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: isJson ? (JSON.parse(text) as Answered['body']) : {},
    milliseconds,
  };
}
