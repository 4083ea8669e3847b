import { readFileSync } from 'node:fs';
import type { Clock } from '../../core/model/clock.js';
import type { Call, Node } from '../../core/model/target.js';
import type { Answer, Exchange, Fetch } from '../../transport/exchange.js';
import { judge } from '../../transport/judge.js';
import { asItIs } from '../../transport/spec-send.js';
import { TooLarge } from '../../transport/too-large.js';
import type { ServiceName } from './huawei.config.js';
import { HuaweiConnection } from './huawei.connection.js';
import { refusalOf, type VendorCall } from './huawei.wire.js';
import { filledIn } from './paths.js';
import { projectWrap } from './project.js';
import { accessKeyWrap } from './signature.js';

/** What the emulators of the sandbox look like from here. */
interface Emulator {
  answer(arrived: {
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly headers: Record<string, string>;
    readonly body: Buffer;
  }): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** A clock on which time passes while somebody sleeps, and not otherwise. */
export function dozingClock(now: number): Clock & { readonly slept: number[] } {
  let time = now;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      time += milliseconds;
      return Promise.resolve();
    },
  };
}

/** A call that has ten seconds. */
export function callAt(clock: Clock): Call {
  return { requestId: 'r1', signal: new AbortController().signal, deadline: clock.now() + 10_000 };
}

export function nodeOf(name: string, id: string, component: string | null = null): Node {
  return { name, id, component };
}

/** An exchange without anything in it. */
export const blankExchange: Exchange<Answer> = {
  target: 'orders',
  backend: 'taurusdb',
  call: 'list-processes',
  method: 'GET',
  url: 'http://127.0.0.1/',
  headers: {},
  body: null,
  mutating: false,
  maxBytes: 1000,
  read: asItIs,
};

export function answerWith(status: number, body: unknown, headers: Answer['headers'] = {}): Answer {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** Sends to an emulator in process, as bytes. */
function feed(emulator: Emulator): Fetch {
  return ({ method, url, headers, body, maxBytes }) => {
    const { host, pathname, search } = new URL(url);
    const arrived = { method, path: pathname, query: search.slice(1), headers: { host, ...headers } };
    const { status, headers: answered, body: text } = emulator.answer({ ...arrived, body: Buffer.from(body ?? '') });
    if (Buffer.byteLength(text) > maxBytes) return Promise.reject(new TooLarge());
    const lowered = Object.entries(answered).map(([name, value]) => [name.toLowerCase(), value]);
    return Promise.resolve({ status, headers: Object.fromEntries(lowered) as Answer['headers'], text });
  };
}

/** A connection to emulators, signed by a key. What was sent is kept: method, path and body. */
export function connectTo(
  cloud: Readonly<Partial<Record<ServiceName, Emulator>>>,
  clock: Clock,
  { projectId, access, secret }: { readonly projectId: string; readonly access: string; readonly secret: string },
) {
  const sent: string[] = [];
  const disturbed: (Answer | (() => Promise<Answer>))[] = [];
  const watch =
    (next: Fetch): Fetch =>
    (exchange, call) => {
      sent.push([exchange.method, exchange.url.replace('http://127.0.0.1', ''), exchange.body ?? ''].join(' ').trim());
      const answer = disturbed.shift();
      if (typeof answer === 'function') return answer();
      return answer ? Promise.resolve(answer) : next(exchange, call);
    };
  const inProject = projectWrap(() => Promise.resolve(projectId));
  const sign = accessKeyWrap(() => ({ access, secret, securityToken: null }), clock);
  const judged = judge((answer, exchange) => refusalOf(answer, exchange, [access, secret]));
  const services = Object.entries(cloud).map(([name, emulator]) => {
    const send = inProject(sign(judged(watch(feed(emulator)))));
    return [name, { origin: 'http://127.0.0.1', send }] as const;
  });
  const connection = new HuaweiConnection({
    services: Object.fromEntries(services),
    lookMs: 15_000,
    clock,
    secrets: () => [secret],
    close: () => Promise.resolve(),
  });
  return { connection, sent, disturbed };
}

/** The lines of a recorded message: its first, and its body. */
function recorded(
  folder: string,
  name: string,
): { readonly first: string; readonly head: string; readonly body: string } {
  const text = readFileSync(new URL(`fixtures/${name}.http`, folder), 'utf8');
  const [head = '', ...body] = text.split('\n\n');
  return { first: head.split('\n')[0] ?? '', head, body: body.join('\n\n').trimEnd() };
}

/** A request as the vendor prints it, without the white space that JSON does not need. */
export function requestOf(folder: string, name: string): { readonly line: string; readonly body: string | null } {
  const { first, body } = recorded(folder, `${name}.request`);
  const tight = body.replace(/\s+/g, '');
  return { line: first.replace(/https:\/\/[^/]+/, ''), body: tight === '' ? null : tight };
}

/** A call as it would be sent for this instance: its first line, and its body. */
export function lineOf(
  { method, path, parameters, body }: VendorCall,
  projectId: string,
  instanceId: string,
): { readonly line: string; readonly body: string | null } {
  const filled = filledIn(path, { project_id: projectId, instance_id: instanceId, ...parameters });
  return { line: `${method} ${filled}`, body };
}

/** An answer as the vendor prints or gives it. */
export function answerOf(folder: string, name: string): Answer {
  const { first, head, body } = recorded(folder, `${name}.response`);
  const headers = head
    .split('\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers) as Answer['headers'], text: body };
}
