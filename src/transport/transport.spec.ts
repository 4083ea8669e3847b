import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import type { Agent } from 'undici';
import {
  answer,
  drip,
  finish,
  onConnection,
  onRequest,
  reset,
  ScriptedServer,
  silence,
  write,
  type Script,
} from '../../test/scripted-server.js';
import { freePort } from '../../test/free-port.js';
import { selfSigned } from '../../test/self-signed.js';
import type { Clock } from '../core/model/clock.js';
import { asFailure, Failure, type FailureKind, type Sent } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import type { Answer, Exchange, Send } from './exchange.js';
import { openSockets } from './http.js';
import { defaultLimits, type Limits } from './limits.js';
import type { Measured } from './measure.js';
import { retryAfterMs } from './retry-after.js';
import { RetryBudget } from './retry-budget.js';
import { sender, type Service } from './send.js';
import { skew } from './skew.js';
import { asItIs } from './spec-send.js';
import { TooLarge } from './too-large.js';

const secret = 'hunter2-not-to-be-told';

function readRefusal({ status, headers }: Answer): Failure {
  return new Failure(status === 429 ? 'upstream-throttled' : 'upstream-rejected', 'The vendor refused.', {
    sent: 'refused',
    upstream: { target: null, backend: 'spec', httpStatus: status, code: null, message: null, requestId: null },
    ...retryAfterMs(headers),
  });
}

/** The whole outgoing stack, with limits that no healthy loopback reaches unless a test sets them. */
interface Stack {
  readonly send: Send;
  /** Every attempt. */
  readonly measured: Measured[];
  /** Every exchange. */
  readonly settled: Measured[];
  readonly circuit: string[];
  /** Milliseconds of each pause between attempts: no pause is really made. */
  readonly pauses: number[];
  /** Seconds by which the vendor's clock was ahead, by its own account. */
  readonly skews: number[];
}

const open: Agent[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((sockets) => sockets.destroy()));
});

function stack(limits: Partial<Limits> = {}, service: Partial<Service> = {}): Stack {
  const whole: Limits = { ...defaultLimits, failures: 1000, ...limits };
  const dispatcher = openSockets(whole);
  open.push(dispatcher);
  const measured: Measured[] = [];
  const settled: Measured[] = [];
  const circuit: string[] = [];
  const pauses: number[] = [];
  const skews: number[] = [];
  let slept = 0;
  const clock: Clock = {
    now: () => Date.now() + slept,
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      slept += milliseconds;
      return Promise.resolve();
    },
  };
  const send = sender(
    {
      connection: 'spec',
      service: 'spec',
      dispatcher,
      limits: whole,
      retries: new RetryBudget(clock),
      readRefusal,
      ...service,
    },
    {
      measured: (one) => measured.push(one),
      settled: (one) => settled.push(one),
      circuit: (_connection, _service, state) => circuit.push(state),
      skewed: (_connection, _service, seconds) => skews.push(seconds),
    },
    clock,
  );
  return { send, measured, settled, circuit, pauses, skews };
}

function exchange(url: string, facts: Partial<Exchange<Answer>> = {}): Exchange<Answer> {
  return {
    target: 'orders',
    backend: 'spec',
    call: 'kill',
    method: 'POST',
    url: `${url}?pswd=${secret}`,
    headers: { 'content-type': 'application/json', 'x-auth-token': secret },
    body: `{"password":"${secret}"}`,
    mutating: true,
    maxBytes: 4096,
    read: asItIs,
    ...facts,
  };
}

const read: Partial<Exchange<Answer>> = { method: 'GET', body: null, mutating: false };

function call(facts: Partial<Call> = {}): Call {
  return { requestId: 'r1', signal: new AbortController().signal, deadline: Date.now() + 60_000, ...facts };
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    (value) => value,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Failure)) throw new Error(`No Failure was thrown, but ${inspect(thrown)}`);
  for (const shown of [
    inspect(thrown, { depth: 10, showHidden: true }),
    JSON.stringify(thrown),
    thrown.stack ?? '',
    thrown.message,
  ]) {
    expect(shown).not.toContain(secret);
  }
  return thrown;
}

interface Row {
  readonly name: string;
  readonly script: Script;
  readonly kind: FailureKind;
  readonly sent?: Sent;
  /** How often a read is received; a call that ends or changes something is received once. */
  readonly reads: number;
  readonly limits?: Partial<Limits>;
  /** The server keeps the connection open: that it is closed is our doing. */
  readonly closes?: boolean;
}

const hurry = { answerMs: 500 };
const head = 'HTTP/1.1 200 OK\r\n';
const half = `${head}Content-Length: 100\r\n\r\n{"half":`;
const halfChunk = `${head}Transfer-Encoding: chunked\r\n\r\n8\r\n{"half":\r\n`;
const timeout = { kind: 'upstream-timeout', reads: 3, limits: hurry, closes: true } as const;
const unavailable = { kind: 'upstream-unavailable', reads: 3 } as const;
const malformed = { kind: 'upstream-malformed', reads: 1 } as const;

const rows: readonly Row[] = [
  { name: 'says nothing', script: onRequest(silence), ...timeout },
  { name: 'resets', script: onRequest(reset), ...unavailable },
  { name: 'closes', script: onRequest(finish), ...unavailable },
  { name: 'stops within the headers', script: onRequest(write(`${head}Content-Le`)), ...timeout },
  { name: 'resets within the headers', script: onRequest(write(`${head}Content-Le`), reset), ...unavailable },
  { name: 'closes within the headers', script: onRequest(write(`${head}Content-Le`), finish), ...unavailable },
  { name: 'stops within the body', script: onRequest(write(half)), ...timeout },
  { name: 'resets within the body', script: onRequest(write(half), reset), ...unavailable },
  { name: 'closes within the body', script: onRequest(write(half), finish), ...unavailable },
  { name: 'stops between chunks', script: onRequest(write(halfChunk)), ...timeout },
  { name: 'closes between chunks', script: onRequest(write(halfChunk), finish), ...unavailable },
  { name: 'stops in a body without a length', script: onRequest(write(`${head}\r\n<out><rc>0</rc>`)), ...timeout },
  { name: 'drips for ever', script: onRequest(write(half.replace('100', '4000')), drip(' ', 20)), ...timeout },
  { name: 'promises an answer for ever', script: onRequest(drip('HTTP/1.1 103 Early Hints\r\n\r\n', 5)), ...timeout },
  {
    name: 'floods with promises',
    script: onRequest(write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5000)), silence),
    ...timeout,
  },
  {
    name: 'continues what did not ask',
    script: onRequest(write('HTTP/1.1 100 Continue\r\n\r\n'), silence),
    ...unavailable,
  },
  { name: 'is no HTTP server', script: onRequest(write('220 mail.example.com ESMTP\r\n')), ...malformed, closes: true },
  {
    name: 'gives two lengths',
    script: onRequest(answer(200, '{}', 'Content-Length: 2', 'Content-Length: 3')),
    ...malformed,
  },
  {
    name: 'gives a length and chunks',
    script: onRequest(write(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`)),
    ...malformed,
  },
  {
    name: 'gives a length that is no number',
    script: onRequest(answer(200, '{}', 'Content-Length: two')),
    ...malformed,
  },
  { name: 'redirects', script: onRequest(answer(302, '', 'Location: http://127.0.0.1:1/')), ...malformed },
  { name: 'redirects for ever', script: onRequest(answer(308, '', 'Location: /')), ...malformed },
  { name: 'answers 304', script: onRequest(answer(304)), ...malformed },
  { name: 'answers 500', script: onRequest(answer(500, 'oops')), ...unavailable },
  { name: 'answers 503', script: onRequest(answer(503, '<html>', 'Retry-After: 1')), ...unavailable },
  { name: 'answers 400', script: onRequest(answer(400, '{}')), kind: 'upstream-rejected', sent: 'refused', reads: 1 },
  { name: 'answers 401', script: onRequest(answer(401, '{}')), kind: 'upstream-rejected', sent: 'refused', reads: 1 },
  { name: 'answers 408', script: onRequest(answer(408, '{}')), kind: 'upstream-rejected', sent: 'refused', reads: 1 },
  {
    name: 'refuses in another encoding',
    script: onRequest(answer(400, Buffer.from([0x22, 0xd3, 0xc3, 0xbb, 0xa7, 0x22]))),
    kind: 'upstream-rejected',
    sent: 'refused',
    reads: 1,
  },
  {
    name: 'refuses at length',
    script: onRequest(answer(403, 'x'.repeat(100_000))),
    kind: 'upstream-rejected',
    sent: 'refused',
    reads: 1,
    closes: true,
  },
  {
    name: 'refuses in a compressed body',
    script: onRequest(answer(404, gzipSync('{}'), 'Content-Encoding: gzip')),
    kind: 'upstream-rejected',
    sent: 'refused',
    reads: 1,
  },
  { name: 'gives too much', script: onRequest(answer(200, 'x'.repeat(4097))), ...malformed },
  {
    name: 'gives without end',
    script: onRequest(write(`${head}Transfer-Encoding: chunked\r\n\r\n`), drip(`400\r\n${'x'.repeat(1024)}\r\n`)),
    ...malformed,
    closes: true,
  },
  {
    name: 'compresses',
    script: onRequest(answer(200, gzipSync('{"ok":true}'), 'Content-Encoding: gzip')),
    ...malformed,
  },
  { name: 'answers in latin-1', script: onRequest(answer(200, Buffer.from('{"é":1}', 'latin1'))), ...malformed },
  { name: 'cuts a letter in two', script: onRequest(answer(200, Buffer.from('é').subarray(0, 1))), ...malformed },
];

describe('a vendor that reads the request, and then', () => {
  it.each(rows)('$name: $kind', async ({ script, kind, sent = 'perhaps', reads, limits = {}, closes = false }) => {
    const attempt = async (facts: Partial<Exchange<Answer>>, times: number): Promise<void> => {
      await using server = await ScriptedServer.start(script);
      const { send, measured, settled } = stack(limits);
      expect(await failureOf(send(exchange(server.url(), facts), call()))).toMatchObject({ kind, sent });
      expect(server.ledger).toHaveLength(times);
      expect(measured.map(({ outcome }) => outcome)).toEqual(Array.from({ length: times }, () => kind));
      expect(settled).toMatchObject([
        { connection: 'spec', backend: 'spec', target: 'orders', call: 'kill', outcome: kind },
      ]);
      expect(inspect([measured, settled])).not.toContain(secret);
      if (closes) await server.closed();
    };
    await Promise.all([attempt({}, 1), attempt(read, reads)]);
  });

  it('sends headers without end: cut off, and nothing is known', async () => {
    await using server = await ScriptedServer.start(onRequest(write(head), drip(`X-Filler: ${'x'.repeat(1000)}\r\n`)));
    const failure = await failureOf(stack().send(exchange(server.url()), call()));
    expect(failure).toMatchObject({ kind: 'upstream-malformed', sent: 'perhaps' });
    expect(server.ledger).toHaveLength(1);
    await server.closed();
  });

  it('redirects elsewhere: nobody is sent there, least of all with a token', async () => {
    await using elsewhere = await ScriptedServer.start(onRequest(answer(200, '{}')));
    await using server = await ScriptedServer.start(onRequest(answer(307, '', `Location: ${elsewhere.url()}`)));
    await failureOf(stack().send(exchange(server.url()), call()));
    await failureOf(stack().send(exchange(server.url(), read), call()));
    expect(elsewhere.connections).toBe(0);
  });
});

describe('a vendor that accepts and resets', () => {
  it('is sent nothing twice', async () => {
    await using server = await ScriptedServer.start(onConnection(reset), onRequest(answer(200, '{}')));
    const failure = await failureOf(stack().send(exchange(server.url()), call()));
    expect(failure.kind).toBe('upstream-unavailable');
    expect(server.ledger).toHaveLength(0);
    expect(server.connections).toBe(1);
  });

  it('is asked again if it was only asked', async () => {
    await using server = await ScriptedServer.start(
      onConnection(reset),
      onConnection(reset),
      onRequest(answer(200, '{}')),
    );
    expect(await stack().send(exchange(server.url(), read), call())).toMatchObject({ status: 200, text: '{}' });
    expect(server.ledger).toHaveLength(1);
  });
});

describe('a vendor that answers', () => {
  it('is understood whatever the text: that is for others to judge', async () => {
    const page = '<html>Gateway <b>é</b></html>';
    await using server = await ScriptedServer.start(
      onRequest(answer(200, page, 'Content-Type: text/html', 'X-Request-Id: v7', 'Set-Cookie: a=1', 'Set-Cookie: b=2')),
    );
    const got = await stack().send(exchange(server.url()), call());
    expect(got.status).toBe(200);
    expect(got.text).toBe(page);
    expect(got.headers).toMatchObject({ 'x-request-id': 'v7', 'set-cookie': 'a=1, b=2' });
  });

  it('is understood without a body, in pieces, in chunks, and after a promise', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(204, '', 'X-A: 1')),
      onRequest(
        write(head),
        write('Content-Length: 4\r\n\r\n'),
        write(Buffer.from('é').subarray(0, 1)),
        write(Buffer.from('é').subarray(1)),
        write('ok'),
      ),
      onRequest(write(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`)),
      onRequest(write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'), answer(200, '{}')),
    );
    const { send } = stack();
    const texts: string[] = [];
    for (let at = 0; at < 4; at += 1) texts.push((await send(exchange(server.url()), call())).text);
    expect(texts).toEqual(['', 'éok', '{}', '{}']);
  });

  it('may give as much as was allowed', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200, 'x'.repeat(4096))));
    expect((await stack().send(exchange(server.url()), call())).text).toHaveLength(4096);
  });

  it('may give a header of 100 KB', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(201, '{}', `X-Subject-Token: ${'t'.repeat(100_000)}`)),
    );
    const { headers } = await stack().send(exchange(server.url()), call());
    expect(headers['x-subject-token']).toHaveLength(100_000);
  });

  it('gets exactly the bytes that were asked for', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200, '{}')));
    const facts = {
      method: 'DELETE',
      url: server.url('/a%2Fb?pswd=a%26b%20c%25%2B'),
      body: '{"ids":[9223372036854775807],"é":1}',
    } as const;
    await stack().send(exchange('', facts), call());
    const [received] = server.ledger;
    expect(received?.requestLine).toBe('DELETE /a%2Fb?pswd=a%26b%20c%25%2B HTTP/1.1');
    expect(received?.body).toBe(facts.body);
    expect(received?.head.toLowerCase()).toContain('accept-encoding: identity');
    expect(received?.head.toLowerCase()).toContain('user-agent: sluice');
    expect(received?.head).toContain(`x-auth-token: ${secret}`);
  });

  it('is not told of proxies in the environment', async () => {
    await using proxy = await ScriptedServer.start(onRequest(answer(200, 'proxy')));
    await using server = await ScriptedServer.start(onRequest(answer(200, 'vendor')));
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'];
    const before = names.map((name) => process.env[name]);
    try {
      for (const name of names) process.env[name] = proxy.url();
      expect((await stack().send(exchange(server.url()), call())).text).toBe('vendor');
    } finally {
      names.forEach((name, at) => {
        if (before[at] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[at];
      });
    }
    expect(proxy.connections).toBe(0);
  });

  it('keeps the connection after a DELETE with a body', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200, 'a')), onRequest(answer(200, 'b')));
    const { send } = stack();
    for (let at = 0; at < 2; at += 1) {
      await send(exchange(server.url(), { method: 'DELETE' }), call());
      // The connection is free for the next call a moment after its answer.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([server.connections, server.ledger.length]).toEqual([1, 2]);
  });

  it('gets one request at a time on a connection', async () => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(() => hold.promise, answer(200, 'a')),
      onRequest(answer(200, 'b')),
    );
    const { send } = stack();
    const first = send(exchange(server.url()), call());
    await server.received(1);
    expect((await send(exchange(server.url()), call())).text).toBe('b');
    hold.resolve(undefined);
    expect((await first).text).toBe('a');
    expect(server.ledger.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('and then closes an idle connection: the next call takes a fresh one', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200, 'a'), finish), onRequest(answer(200, 'b')));
    const { send } = stack();
    await send(exchange(server.url()), call());
    await server.closed();
    expect((await send(exchange(server.url()), call())).text).toBe('b');
    expect(server.ledger.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('and resets the connection at the next request: that is not repeated', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(200, 'a')),
      onRequest(reset),
      onRequest(answer(200, 'c')),
    );
    const { send } = stack();
    await send(exchange(server.url()), call());
    // The connection is free for the next call a moment after its answer.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await failureOf(send(exchange(server.url()), call()))).toMatchObject({ sent: 'perhaps' });
    expect(server.ledger.map(({ connection }) => connection)).toEqual([1, 1]);
  });
});

describe('a vendor that throttles', () => {
  it.each([
    ['says when to come back', 'Retry-After: 2', [2000, 2000]],
    ['says to come back at once', 'Retry-After: 0', [0, 0]],
  ])('is asked again after a while, even to end something, if it %s', async (_name, header, pauses) => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', header)),
      onRequest(answer(429, '', header)),
      onRequest(answer(200, '{}')),
    );
    const one = stack();
    expect(await one.send(exchange(server.url()), call())).toMatchObject({ status: 200 });
    expect(server.ledger).toHaveLength(3);
    expect(one.pauses).toEqual(pauses);
    expect(one.measured.map(({ outcome }) => outcome)).toEqual(['upstream-throttled', 'upstream-throttled', 'ok']);
  });

  it.each([
    ['is not asked again', true, 1, { kind: 'store-unavailable', sent: 'never' }],
    ['is asked again to read', false, 2, null],
  ])('%s once the operation of the call was given up', async (_name, mutating, received, failure) => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 2')),
      onRequest(answer(200, '{}')),
    );
    const { send } = stack();
    const assertMaySend = (): void => {
      if (server.ledger.length > 0) throw new Failure('store-unavailable', 'Another replica has it.');
    };
    const sending = send(exchange(server.url(), mutating ? {} : read), call({ assertMaySend }));
    if (failure) expect(await failureOf(sending)).toMatchObject(failure);
    else expect(await sending).toMatchObject({ status: 200 });
    expect(server.ledger).toHaveLength(received);
  });

  it('is never sent what may not be sent any more', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200, '{}')));
    const assertMaySend = (): void => {
      throw new Failure('store-unavailable', 'Another replica has it.');
    };
    const failure = await failureOf(stack().send(exchange(server.url()), call({ assertMaySend })));
    expect(failure).toMatchObject({ kind: 'store-unavailable', sent: 'never' });
    expect(server.ledger).toHaveLength(0);
  });

  it('is asked again with growing pauses if it does not say', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(429)));
    const one = stack();
    const failure = await failureOf(one.send(exchange(server.url()), call()));
    expect(failure).toMatchObject({ kind: 'upstream-throttled', sent: 'refused' });
    expect(server.ledger).toHaveLength(3);
    const [first = 0, second = 0, ...more] = one.pauses;
    expect(more).toEqual([]);
    expect(first).toBeGreaterThanOrEqual(100);
    expect(first).toBeLessThanOrEqual(300);
    expect(second).toBeGreaterThanOrEqual(200);
    expect(second).toBeLessThanOrEqual(600);
  });

  it.each([
    ['an hour', 'Retry-After: 3600', 7_200_000, 3_600_000],
    ['longer than the call may take', 'Retry-After: 20', 10_000, 20_000],
  ])('is not waited for if it wants %s', async (_name, header, left, retryAfter) => {
    await using server = await ScriptedServer.start(onRequest(answer(429, '', header)));
    const one = stack();
    const failure = await failureOf(one.send(exchange(server.url()), call({ deadline: Date.now() + left })));
    expect(failure).toMatchObject({ kind: 'upstream-throttled', retryAfterMs: retryAfter });
    expect(server.ledger).toHaveLength(1);
    expect(one.pauses).toEqual([]);
  });

  it('gets freshly made credentials with every try', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(429)), onRequest(answer(200, '{}')));
    let signature = 0;
    const { send } = stack(
      {},
      {
        sign: (next) => (one, within) => {
          signature += 1;
          return next({ ...one, headers: { ...one.headers, 'x-signature': String(signature) } }, within);
        },
      },
    );
    await send(exchange(server.url()), call());
    expect(server.ledger.map((received) => /x-signature: (\d)/.exec(received.head)?.[1])).toEqual(['1', '2']);
  });
});

describe('a vendor that cannot be reached', () => {
  const never = { sent: 'never' };

  it('because nobody listens: never sent', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}/`;
    const { send, measured } = stack();
    expect(await failureOf(send(exchange(url), call()))).toMatchObject({ kind: 'upstream-unavailable', ...never });
    expect(measured).toHaveLength(1);
    expect(await failureOf(send(exchange(url, read), call()))).toMatchObject({
      kind: 'upstream-unavailable',
      ...never,
    });
    expect(measured).toHaveLength(4);
  });

  it('because its name means nothing: never sent', async () => {
    const failure = await failureOf(
      stack({ connectMs: 200, answerMs: 1500 }).send(exchange('http://name.invalid/'), call()),
    );
    expect(failure).toMatchObject(never);
    expect(['upstream-unavailable', 'upstream-timeout']).toContain(failure.kind);
  });

  it('because its address makes no sense: never sent', async () => {
    const failure = await failureOf(stack().send(exchange('http://[::1/'), call()));
    expect(failure).toMatchObject({ kind: 'internal', ...never });
  });

  it('because a header cannot be sent: never sent', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200)));
    const headers = { 'transfer-encoding': secret };
    expect(await failureOf(stack().send(exchange(server.url(), { headers }), call()))).toMatchObject(never);
    expect(server.ledger).toHaveLength(0);
  });

  it('because it never accepts: never sent', async () => {
    await using hole = await BlackHole.dig();
    const failure = await failureOf(stack({ connectMs: 200 }).send(exchange(hole.url), call()));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', ...never });
  });

  it('because it never accepts, and the answer’s time is over first: never sent', async () => {
    await using hole = await BlackHole.dig();
    const failure = await failureOf(stack({ answerMs: 100 }).send(exchange(hole.url), call()));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', ...never });
  });

  const https = (server: ScriptedServer): string => server.url().replace('http:', 'https:');

  it('because it says nothing to a TLS greeting: never sent', async () => {
    await using server = await ScriptedServer.start(onConnection(silence));
    const failure = await failureOf(stack({ answerMs: 150 }).send(exchange(https(server)), call()));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', ...never });
    expect(server.ledger).toHaveLength(0);
  });

  it('because it does not speak TLS: never sent', async () => {
    await using server = await ScriptedServer.start(onConnection(answer(400, 'plain HTTP')));
    const failure = await failureOf(stack().send(exchange(https(server)), call()));
    expect(failure).toMatchObject({ kind: 'upstream-unavailable', ...never });
  });

  it('because it closes at a TLS greeting: never sent, and only HTTP/1.1 was offered', async () => {
    await using server = await ScriptedServer.start(
      onConnection(async (socket) => {
        await once(socket, 'data');
        socket.end();
      }),
    );
    const failure = await failureOf(stack().send(exchange(https(server)), call()));
    expect(failure).toMatchObject({ kind: 'upstream-unavailable', ...never });
    const greeting = server.opened[0]?.toString('latin1') ?? '';
    expect(greeting).toContain('\x08http/1.1');
    expect(greeting).not.toContain('\x02h2');
  });

  it('because nobody vouches for its certificate: never sent', async () => {
    const { key, cert } = selfSigned();
    let bytes = 0;
    const server = createTlsServer({ key, cert }, (socket) => {
      socket.on('data', (chunk) => (bytes += chunk.length));
    }).on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    expect(await failureOf(stack().send(exchange(url), call()))).toMatchObject({
      kind: 'upstream-unavailable',
      ...never,
      message: expect.stringContaining('SELF_SIGNED') as unknown,
    });
    expect(bytes).toBe(0);
    server.close();
    await once(server, 'close');
  });
});

describe('a caller who goes away', () => {
  it('closes the socket, and nothing is repeated', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const { send } = stack();
    for (const facts of [{}, read]) {
      const caller = new AbortController();
      const before = server.ledger.length;
      const sending = failureOf(send(exchange(server.url(), facts), call({ signal: caller.signal })));
      await server.received(before + 1);
      caller.abort();
      expect(await sending).toMatchObject({ kind: 'request-timeout', sent: 'perhaps' });
      await server.closed();
      expect(server.ledger).toHaveLength(before + 1);
    }
  });

  it('in the middle of an answer closes the socket', async () => {
    const begun = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(write(half), () => {
        begun.resolve(undefined);
      }),
    );
    const caller = new AbortController();
    const sending = failureOf(stack().send(exchange(server.url()), call({ signal: caller.signal })));
    await begun.promise;
    caller.abort();
    expect(await sending).toMatchObject({ sent: 'perhaps' });
    await server.closed();
  });

  it('before anything is sent: never sent', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const failure = await failureOf(stack().send(exchange(server.url()), call({ signal: AbortSignal.abort() })));
    expect(failure).toMatchObject({ kind: 'request-timeout', sent: 'never' });
    expect(server.connections).toBe(0);
  });

  it('while it connects: never sent', async () => {
    await using hole = await BlackHole.dig();
    const caller = new AbortController();
    const sending = failureOf(stack().send(exchange(hole.url), call({ signal: caller.signal })));
    setImmediate(() => {
      caller.abort();
    });
    expect(await sending).toMatchObject({ kind: 'request-timeout', sent: 'never' });
  });
});

describe('a call whose time is over', () => {
  it('closes the socket, whatever one answer may take', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const started = Date.now();
    const failure = await failureOf(stack().send(exchange(server.url()), call({ deadline: started + 250 })));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', sent: 'perhaps' });
    await server.closed();
    expect(server.ledger).toHaveLength(1);
    expect(Date.now() - started).toBeLessThan(2000);
  });

  it('counts as answered if the answer came while this process stood still', async () => {
    const server = `
      const { createServer } = require('node:http');
      const { parentPort } = require('node:worker_threads');
      const server = createServer((request, response) => {
        parentPort.postMessage('received');
        setTimeout(() => response.end('{}'), 100);
      });
      server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
    const worker = new Worker(server, { eval: true });
    try {
      const [port] = (await once(worker, 'message')) as [number];
      const received = once(worker, 'message');
      const sending = stack({ answerMs: 500 }).send(exchange(`http://127.0.0.1:${String(port)}/`), call());
      await received;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      expect(await sending).toMatchObject({ status: 200, text: '{}' });
    } finally {
      await worker.terminate();
    }
  });

  it('is not begun', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200)));
    const failure = await failureOf(stack().send(exchange(server.url()), call({ deadline: Date.now() })));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', sent: 'never' });
    expect(server.connections).toBe(0);
  });

  it('stops asking, though there were tries left', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    // The least pause after a first try is 100 ms: there is no time for it.
    const one = stack({ answerMs: 300 });
    await failureOf(one.send(exchange(server.url(), read), call({ deadline: Date.now() + 350 })));
    expect(server.ledger).toHaveLength(1);
  });
});

it('a header that repeats a credential is not read, whatever the status', async () => {
  for (const status of [200, 403]) {
    const headers = ['X-Request-Id: r-a%26b', `X-Trace: t-${secret}`, 'X-Other: fine'];
    await using server = await ScriptedServer.start(onRequest(answer(status, 'x', ...headers)));
    const seen: (readonly string[])[] = [];
    const look = (answered: Answer): Answer => {
      seen.push(Object.keys(answered.headers).filter((name) => name.startsWith('x-')));
      return answered;
    };
    const { send } = stack({}, { readRefusal: (answered) => readRefusal(look(answered)) });
    await send(exchange(server.url(), { secrets: ['a&b'], read: look }), call()).catch(() => undefined);
    expect(seen).toEqual([['x-other']]);
  }
});

describe('the circuit breaker', () => {
  it('opens after failures in a row, and then refuses without sending', async () => {
    await using server = await ScriptedServer.start(onRequest(reset));
    const { send, circuit, measured, settled } = stack({ failures: 3, openMs: 60_000 });
    for (let at = 0; at < 3; at += 1) await failureOf(send(exchange(server.url()), call()));
    expect(circuit).toEqual(['open']);
    const failure = await failureOf(send(exchange(server.url()), call()));
    expect(failure).toMatchObject({ kind: 'upstream-unavailable', sent: 'never', retryAfterMs: 60_000 });
    expect(server.ledger).toHaveLength(3);
    expect([measured.length, settled.length]).toEqual([3, 4]);
  });

  it('counts failures in a row: an answer in between begins anew', async () => {
    await using server = await ScriptedServer.start(onRequest(reset), onRequest(answer(200)), onRequest(reset));
    const { send, circuit } = stack({ failures: 2, openMs: 60_000 });
    await failureOf(send(exchange(server.url()), call()));
    await send(exchange(server.url()), call());
    await failureOf(send(exchange(server.url()), call()));
    expect(circuit).toEqual([]);
    await failureOf(send(exchange(server.url()), call()));
    expect(circuit).toEqual(['open']);
  });

  it.each([
    ['refusals', onRequest(answer(400)), 3],
    ['throttling', onRequest(answer(429, '', 'Retry-After: 3600')), 1],
  ])('does not open for %s', async (_name, script, received) => {
    await using server = await ScriptedServer.start(script);
    const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
    for (let at = 0; at < 3; at += 1) await failureOf(send(exchange(server.url()), call()));
    expect(circuit).toEqual([]);
    expect(server.ledger).toHaveLength(received);
  });

  it('does not open for an answer to a read that is larger than we read', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(200, 'x'.repeat(5000))));
    const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
    for (let at = 0; at < 3; at += 1) {
      const failure = await failureOf(send(exchange(server.url(), read), call()));
      expect(failure).toBeInstanceOf(TooLarge);
      expect(failure).toMatchObject({ kind: 'upstream-malformed', sent: 'perhaps' });
    }
    expect([circuit, server.ledger.length]).toEqual([[], 3]);
  });

  it.each([
    ['a call that ends something', 200, {}, 'upstream-malformed', 1],
    ['an error', 500, read, 'upstream-unavailable', 3],
  ] as const)(
    'opens for an answer to %s that is larger than we read: nobody knows what was done',
    async (_name, status, facts, kind, times) => {
      await using server = await ScriptedServer.start(onRequest(answer(status, 'x'.repeat(5000))));
      const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
      const failure = await failureOf(send(exchange(server.url(), facts), call()));
      expect(failure).toMatchObject({ kind, sent: 'perhaps' });
      expect([circuit, server.ledger.length]).toEqual([['open'], times]);
    },
  );

  it.each([
    ['fails', answer(500)],
    ['answers in part', write(half)],
    ['says nothing', silence],
    ['closes', finish],
  ])('opens for one target alone whose vendor %s', async (_name, step) => {
    await using server = await ScriptedServer.start(onRequest(step), onRequest(answer(200)));
    const { send } = stack({ failures: 1, openMs: 60_000, answerMs: 100 });
    await failureOf(send(exchange(server.url()), call()));
    expect(await failureOf(send(exchange(server.url()), call()))).toMatchObject({ sent: 'never' });
    expect(await send(exchange(server.url(), { target: 'healthy' }), call())).toMatchObject({ status: 200 });
  });

  it('does not open for callers who go away', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
    const caller = new AbortController();
    const sending = failureOf(send(exchange(server.url()), call({ signal: caller.signal })));
    await server.received(1);
    caller.abort();
    await sending;
    expect(circuit).toEqual([]);
  });

  it('does not open for looks that had little time left, or none, when it was their turn', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
    const look = (left: number) => failureOf(send(exchange(server.url(), read), call({ deadline: Date.now() + left })));
    expect(await look(50)).toMatchObject({ kind: 'upstream-timeout', sent: 'perhaps' });
    expect(await look(0)).toMatchObject({ kind: 'upstream-timeout', sent: 'never' });
    expect(circuit).toEqual([]);
    expect(server.ledger).toHaveLength(1);
  });

  it('does not open for a vendor that had less than its time to accept', async () => {
    await using hole = await BlackHole.dig();
    const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
    const failure = await failureOf(send(exchange(hole.url), call({ deadline: Date.now() + 50 })));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', sent: 'never' });
    expect(circuit).toEqual([]);
  });

  it.each([
    ['answer', { answerMs: 100 }, 60_000],
    ['answer, of which a look has no more', { lookMs: 100 }, 200],
  ])('opens for a vendor that had all its time to %s', async (_name, limits, left) => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const { send, circuit } = stack({ failures: 1, openMs: 60_000, ...limits });
    await failureOf(send(exchange(server.url()), call({ deadline: Date.now() + left })));
    expect(circuit).toEqual(['open']);
  });

  it.each([
    ['as undici tells', 60_000],
    ['as our own time tells', 200],
  ])('opens for a vendor that had all its time to accept, %s', async (_name, left) => {
    await using hole = await BlackHole.dig();
    const { send, circuit } = stack({ failures: 1, openMs: 60_000, connectMs: 100 });
    await failureOf(send(exchange(hole.url), call({ deadline: Date.now() + left })));
    expect(circuit).toEqual(['open']);
  });

  it('opens for a vendor that failed, though the next try had little time left', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(503, '', 'Retry-After: 1')), onRequest(silence));
    const { send, circuit } = stack({ failures: 1, openMs: 60_000 });
    const failure = await failureOf(send(exchange(server.url(), read), call({ deadline: Date.now() + 1300 })));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', sent: 'perhaps' });
    expect(server.ledger).toHaveLength(2);
    expect(circuit).toEqual(['open']);
  });

  it.each([
    ['opens again if that fails', reset, ['open', 'half-open', 'open'], [1, 0]],
    ['lets all through if that succeeds', answer(200), ['open', 'half-open', 'closed'], [1, 4]],
  ])('lets one through after a while, and %s', async (_name, end, states, [probes, others]) => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(reset),
      onRequest(() => hold.promise, end),
      onRequest(answer(200)),
    );
    const { send, circuit } = stack({ failures: 1, openMs: 40 });
    await failureOf(send(exchange(server.url()), call()));
    expect(circuit).toEqual(['open']);

    // Refused at once while it is open: so this asks until the first is let through.
    let probe: Promise<unknown>;
    do {
      probe = send(exchange(server.url()), call()).catch(asFailure);
      await new Promise((resolve) => setImmediate(resolve));
    } while (!circuit.includes('half-open'));
    await server.received(2);

    const more = Array.from({ length: 4 }, () => send(exchange(server.url()), call()).catch(asFailure));
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.ledger).toHaveLength(1 + Number(probes));
    hold.resolve(undefined);
    await probe;
    const answers = await Promise.all(more);
    expect(circuit).toEqual(states);
    expect(answers.filter((one) => !(one instanceof Failure))).toHaveLength(Number(others));
    expect(server.ledger).toHaveLength(1 + Number(probes) + Number(others));
  });

  it('lets nobody wait for that one beyond the time of the call, and is not opened again by who did', async () => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(reset),
      onRequest(() => hold.promise, answer(200)),
      onRequest(answer(200)),
    );
    const { send, circuit } = stack({ failures: 1, openMs: 1 });
    await failureOf(send(exchange(server.url()), call()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const probe = send(exchange(server.url()), call());
    await server.received(2);

    const caller = new AbortController();
    const gone = failureOf(send(exchange(server.url()), call({ signal: caller.signal })));
    const looks = Array.from({ length: 5 }, () =>
      failureOf(send(exchange(server.url(), read), call({ deadline: Date.now() + 50 }))),
    );
    caller.abort();
    // The probe is not answered before all of them have left.
    for (const left of [await gone, ...(await Promise.all(looks))]) {
      expect(left).toMatchObject({ kind: 'upstream-unavailable', sent: 'never', retryAfterMs: 1 });
    }
    hold.resolve(undefined);
    await probe;
    await send(exchange(server.url()), call());
    expect(circuit).toEqual(['open', 'half-open', 'closed']);
    expect(server.ledger).toHaveLength(3);
  });
});

describe('the bulkhead', () => {
  it('refuses what neither fits nor may wait, without sending it', async () => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(() => hold.promise, answer(200, 'a')),
      onRequest(answer(200, 'b')),
    );
    const { send, circuit } = stack({ inFlight: 1, queue: 1, failures: 1 });
    const first = send(exchange(server.url()), call());
    const second = send(exchange(server.url()), call());
    const third = await failureOf(send(exchange(server.url()), call()));
    expect(third).toMatchObject({ kind: 'overloaded', sent: 'never' });
    await server.received(1);
    hold.resolve(undefined);
    expect([(await first).text, (await second).text]).toEqual(['a', 'b']);
    expect(server.ledger).toHaveLength(2);
    expect(circuit).toEqual([]);
  });

  it('does not send what waited beyond its time', async () => {
    await using server = await ScriptedServer.start(onRequest(silence));
    const { send } = stack({ inFlight: 1, queue: 1, answerMs: 300 });
    const first = failureOf(send(exchange(server.url()), call()));
    const second = failureOf(send(exchange(server.url()), call({ deadline: Date.now() + 50 })));
    expect(await first).toMatchObject({ sent: 'perhaps' });
    expect(await second).toMatchObject({ kind: 'overloaded', sent: 'never' });
    expect(server.ledger).toHaveLength(1);
  });

  it('lets nobody wait beyond the time of the call, and gives the place to others', async () => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(() => hold.promise, answer(200, 'a')),
      onRequest(answer(200, 'b')),
    );
    const { send, measured } = stack({ inFlight: 1, queue: 1 });
    const first = send(exchange(server.url()), call());
    await server.received(1);
    // The first is not answered before both have left.
    expect(await failureOf(send(exchange(server.url()), call({ deadline: Date.now() + 50 })))).toMatchObject({
      kind: 'overloaded',
      sent: 'never',
    });
    const caller = new AbortController();
    const gone = failureOf(send(exchange(server.url()), call({ signal: caller.signal })));
    caller.abort();
    expect(await gone).toMatchObject({ kind: 'request-timeout', sent: 'never' });
    const last = send(exchange(server.url()), call());
    hold.resolve(undefined);
    expect([(await first).text, (await last).text]).toEqual(['a', 'b']);
    expect(server.ledger).toHaveLength(2);
    expect(measured).toHaveLength(2);
  });

  it('gives turns in the order in which they were asked for', async () => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(() => hold.promise, answer(200)),
      onRequest(answer(200)),
    );
    const { send } = stack({ inFlight: 1, queue: 10 });
    const order = ['one', 'two', 'three', 'four'];
    const sending = order.map((body) => send(exchange(server.url(), { body }), call()));
    await server.received(1);
    hold.resolve(undefined);
    await Promise.all(sending);
    expect(server.ledger.map(({ body }) => body)).toEqual(order);
  });

  it('lets what is urgent go first, and does not refuse it because others wait', async () => {
    const hold = Promise.withResolvers<undefined>();
    await using server = await ScriptedServer.start(
      onRequest(() => hold.promise, answer(200)),
      onRequest(answer(200)),
    );
    const { send } = stack({ inFlight: 1, queue: 2 });
    const ask = (body: string, facts?: Partial<Call>) => send(exchange(server.url(), { body }), call(facts));
    const sending = [ask('look 1'), ask('look 2'), ask('look 3')];
    await server.received(1);
    for (const body of ['kill 1', 'kill 2']) sending.push(ask(body, { isUrgent: true }));
    // Each kind has its own room to wait in.
    const [look, kill] = [failureOf(ask('look 4')), failureOf(ask('kill 3', { isUrgent: true }))];
    expect([(await look).kind, (await kill).kind]).toEqual(['overloaded', 'overloaded']);
    hold.resolve(undefined);
    await Promise.all(sending);
    expect(server.ledger.map(({ body }) => body)).toEqual(['look 1', 'kill 1', 'kill 2', 'look 2', 'look 3']);
  });
});

describe('a vendor that wants to be left alone', () => {
  it.each([{}, read])('is asked again no earlier than it said, whatever is asked: %j', async (facts) => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 7')),
      onRequest(answer(200, '{}')),
    );
    const { send, pauses, measured } = stack();
    expect((await send(exchange(server.url(), facts), call())).text).toBe('{}');
    expect(pauses[0]).toBe(7000);
    expect(measured.map(({ outcome }) => outcome)).toEqual(['upstream-throttled', 'ok']);
    expect((measured[1]?.at ?? 0) - (measured[0]?.at ?? 0)).toBeGreaterThanOrEqual(7000);
  });

  it('is left alone by every other call meanwhile: those with time wait for it', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 20')),
      onRequest(answer(200, '{}')),
    );
    const { send, pauses, measured } = stack();
    const started = Date.now();
    // It has no time to try again.
    await failureOf(send(exchange(server.url(), read), call({ deadline: started + 10_000 })));
    expect(pauses).toEqual([]);
    expect((await send(exchange(server.url()), call({ deadline: started + 60_000 }))).text).toBe('{}');
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(15_000);
    expect((measured[1]?.at ?? 0) - (measured[0]?.at ?? 0)).toBeGreaterThanOrEqual(20_000);
    expect(server.ledger).toHaveLength(2);
  });

  it.each([
    ['has less time', 15_000, 20],
    ['would wait too long', 600_000, 300],
  ])('is not asked by who %s, and is told for how long', async (_name, timeMs, seconds) => {
    const facts = { deadline: Date.now() + timeMs };
    await using server = await ScriptedServer.start(onRequest(answer(429, '', `Retry-After: ${String(seconds)}`)));
    const { send, pauses, measured, settled } = stack();
    await failureOf(send(exchange(server.url()), call(facts)));
    const failure = await failureOf(send(exchange(server.url()), call(facts)));
    expect(failure).toMatchObject({ kind: 'upstream-throttled', sent: 'never' });
    expect(Math.ceil((failure.retryAfterMs ?? 0) / 1000)).toBeLessThanOrEqual(seconds);
    expect(failure.retryAfterMs).toBeGreaterThan((seconds - 10) * 1000);
    expect([pauses.length, server.ledger.length, measured.length, settled.length]).toEqual([0, 1, 1, 2]);
  });

  it('is sent its other calls meanwhile', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 3600')),
      onRequest(answer(200, '{}')),
    );
    const { send, pauses } = stack();
    await failureOf(send(exchange(server.url(), { ...read, call: 'look' }), call()));
    expect((await send(exchange(server.url()), call())).text).toBe('{}');
    expect([pauses, server.ledger.length]).toEqual([[], 2]);
  });

  it('is sent what an operation needs after a minute, whatever it said', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 3600')),
      onRequest(answer(200, '{}')),
    );
    const { send, pauses } = stack();
    await failureOf(send(exchange(server.url(), read), call()));
    const short = await failureOf(
      send(exchange(server.url(), read), call({ isUrgent: true, deadline: Date.now() + 10_000 })),
    );
    expect(short).toMatchObject({ kind: 'upstream-throttled', sent: 'never' });
    expect(short.retryAfterMs).toBeLessThanOrEqual(60_000);
    const facts = { isUrgent: true, deadline: Date.now() + 120_000 };
    expect((await send(exchange(server.url(), read), call(facts))).text).toBe('{}');
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeGreaterThan(50_000);
    const later = await failureOf(send(exchange(server.url(), read), call({ deadline: Date.now() + 120_000 })));
    expect(later.retryAfterMs).toBeGreaterThan(3_000_000);
  });

  it('is not left alone for longer than an hour, whatever it says', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(429, '', 'Retry-After: 99999999')));
    const { send } = stack();
    await failureOf(send(exchange(server.url()), call()));
    const { retryAfterMs: told = 0 } = await failureOf(send(exchange(server.url()), call()));
    expect(told).toBeLessThanOrEqual(3_600_000);
    expect(told).toBeGreaterThan(3_000_000);
  });

  it('by a 503 that says when to come back, is asked again then', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(503, '', 'Retry-After: 9')),
      onRequest(answer(200, '{}')),
    );
    const { send, pauses } = stack();
    await send(exchange(server.url(), read), call());
    expect(pauses).toEqual([9000]);
  });
});

describe('the budget of repetitions', () => {
  const frozen = (): Clock => {
    const now = Date.now();
    return { now: () => now, sleep: () => Promise.resolve() };
  };

  it('adds a tenth to the calls of a connection, and ten', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(500)));
    const { send } = stack({}, { retries: new RetryBudget(frozen()) });
    for (let at = 0; at < 300; at += 1) await failureOf(send(exchange(server.url(), read), call()));
    const { length } = server.ledger;
    expect(length).toBeGreaterThanOrEqual(300 + 30);
    expect(length).toBeLessThanOrEqual(300 + 30 + 10);
  });

  it('is shared by the services of a connection, and has nothing for calls that end something', async () => {
    await using server = await ScriptedServer.start(onRequest(answer(500)));
    const retries = new RetryBudget(frozen());
    const [one, other] = [stack({}, { retries }), stack({}, { retries })];
    for (let at = 0; at < 20; at += 1) await failureOf(one.send(exchange(server.url()), call()));
    expect(server.ledger).toHaveLength(20);
    for (let at = 0; at < 20; at += 1) {
      const { send } = at % 2 === 0 ? one : other;
      await failureOf(send(exchange(server.url(), read), call()));
    }
    expect(server.ledger.length).toBeGreaterThanOrEqual(20 + 20 + 10);
    expect(server.ledger.length).toBeLessThanOrEqual(20 + 20 + 12);
  });

  it('is not asked by a call that ends something: that follows an answered 429, however little is left', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(429, '', 'Retry-After: 1')),
      onRequest(answer(200, '{}')),
    );
    const retries = new RetryBudget(frozen());
    while (retries.take());
    expect((await stack({}, { retries }).send(exchange(server.url()), call())).text).toBe('{}');
    expect(server.ledger).toHaveLength(2);
  });

  it('fills up again with time', () => {
    let now = 0;
    const budget = new RetryBudget({ now: () => now, sleep: () => Promise.resolve() });
    const taken = (): number => {
      let count = 0;
      while (budget.take()) count += 1;
      return count;
    };
    expect(taken()).toBe(10);
    now += 3500;
    expect(taken()).toBe(3);
    now += 3_600_000;
    expect(taken()).toBe(10);
    now -= 60_000;
    expect(taken()).toBe(0);
  });
});

describe("a vendor's clock", () => {
  const skewsOf = async (startMs: number, tookMs: number, date: string): Promise<readonly number[]> => {
    let now = Date.parse('2026-11-21T10:00:00Z') + startMs;
    const seen: number[] = [];
    const clock: Clock = { now: () => now, sleep: () => Promise.resolve() };
    const send = skew(clock, (seconds) => seen.push(seconds))(() => {
      now += tookMs;
      return Promise.resolve({ status: 200, headers: { date }, text: '' });
    });
    await send(exchange('http://127.0.0.1/'), call());
    return seen;
  };

  it.each([
    ['10:00:00', 0],
    ['10:02:00', 119],
    ['09:45:00', -899.5],
    ['09:59:59', -0.5],
    ['10:00:01', 0],
  ])('that shows %s at 10:00:00.5, in an answer of half a second, is told so', async (time, told) => {
    const seen = await skewsOf(500, 500, `Sat, 21 Nov 2026 ${time} GMT`);
    expect(seen).toEqual([told]);
  });

  it('is seen in refusals as well, and not where the answer tells no time', async () => {
    await using server = await ScriptedServer.start(
      onRequest(answer(401, '{}', `Date: ${new Date(Date.now() + 3_600_000).toUTCString()}`)),
      onRequest(answer(200, '{}')),
      onRequest(answer(200, '{}', 'Date: yesterday')),
      onRequest(answer(200, '{}', 'Date: 5')),
    );
    const { send, skews } = stack();
    await failureOf(send(exchange(server.url()), call()));
    await send(exchange(server.url()), call());
    await send(exchange(server.url()), call());
    await send(exchange(server.url()), call());
    expect(skews).toHaveLength(1);
  });

  it('does not differ because an answer took long', async () => {
    expect(await skewsOf(900, 8000, 'Sat, 21 Nov 2026 10:00:00 GMT')).toEqual([0]);
    expect(await skewsOf(900, 8000, 'Sat, 21 Nov 2026 10:00:08 GMT')).toEqual([0]);
  });
});

/** A port that is listened on and where nobody ever accepts: its listener sleeps, and its backlog is full. */
class BlackHole implements AsyncDisposable {
  readonly url: string;
  readonly #worker: Worker;
  readonly #fillers: readonly Socket[];

  private constructor(port: number, worker: Worker, fillers: readonly Socket[]) {
    this.url = `http://127.0.0.1:${String(port)}/`;
    this.#worker = worker;
    this.#fillers = fillers;
  }

  static async dig(): Promise<BlackHole> {
    const sleeper = `
      const { createServer } = require('node:net');
      const { parentPort } = require('node:worker_threads');
      const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        parentPort.postMessage(server.address().port);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const worker = new Worker(sleeper, { eval: true });
    const [port] = (await once(worker, 'message')) as [number];
    const fillers = Array.from({ length: 16 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    await Promise.race(fillers.map((filler) => once(filler, 'connect')));
    return new BlackHole(port, worker, fillers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }
}
