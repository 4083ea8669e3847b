import { isUtf8 } from 'node:buffer';
import { Axios } from 'axios';
import { Agent, Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import type { Answer, Fetch } from './exchange.js';
import type { Limits } from './limits.js';
import type { Route } from './route.js';
import { undiciAdapter, type Whole } from './undici.adapter.js';

/** IAM tokens come in a header of up to 100 KB. */
const maxHeaderBytes = 128 * 1024;

/**
 * A socket that was idle for long may be closed by the vendor just as a kill is written to it, and then nobody knows
 * whether it arrived. So idle sockets are not kept for longer than this.
 */
const idleSocketMs = 1000;

/**
 * The sockets of one connection. Over HTTP/2 undici repeats by itself what was turned away, so that is not offered.
 * Behind a proxy, a call is sent once its tunnel stands.
 */
export function openSockets(limits: Limits): Agent;
export function openSockets(limits: Limits, route: Route): Dispatcher;
export function openSockets(limits: Limits, { trust, proxy }: Route = {}): Dispatcher {
  const tls = { allowH2: false, ...(trust ? { secureContext: trust } : {}) };
  const options = {
    allowH2: false,
    connections: limits.inFlight,
    pipelining: 1,
    keepAliveTimeout: idleSocketMs,
    keepAliveMaxTimeout: idleSocketMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: maxHeaderBytes,
  };
  if (!proxy) return new Agent({ ...options, connect: { timeout: limits.connectMs, ...tls } });
  return new ProxyAgent({
    ...options,
    uri: proxy.url,
    proxyTunnel: true,
    connectTimeout: limits.connectMs,
    requestTls: tls,
    proxyTls: tls,
    ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
    // A proxy that does not answer must not hold up more than what waits for it now.
    clientFactory: (origin, own) => new Pool(origin, { ...own, headersTimeout: limits.connectMs }),
  });
}

/**
 * The innermost step: one request, one answer of any status. No redirects, no proxy of the environment, nothing
 * decompressed: axios is given nothing but an adapter, so that it brings no defaults along, and that has nothing of the
 * kind.
 */
export function http(dispatcher: Dispatcher, limits: Limits, clock: Clock): Fetch {
  const client = new Axios({});
  return async (exchange, call) => {
    const timeoutMs = call.deadline - clock.now();
    if (timeoutMs <= 0) throw new Failure('upstream-timeout', 'There was no time left to ask the vendor.');
    const { method, url, body } = exchange;
    const headers = { accept: '*/*', ...exchange.headers, 'accept-encoding': 'identity', 'user-agent': 'sluice' };
    const { data } = await client.request<Whole>({
      adapter: undiciAdapter({
        request: { method, url, headers, body },
        dispatcher,
        limits,
        signal: call.signal,
        timeoutMs,
        maxBytes: exchange.maxBytes,
        ...(exchange.mutating && call.assertMaySend ? { assertMaySend: call.assertMaySend } : {}),
      }),
    });
    return { status: data.status, headers: data.headers, ...textOf(data) };
  };
}

/** Puts a replacement character where something is not UTF-8. */
const utf8 = new TextDecoder();

/** The text of a body, as far as it is one: an answer is judged by its status first, whatever its body is. */
function textOf({ headers, body, isCut }: Whole): Pick<Answer, 'text' | 'flaw'> {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    return { text: '', flaw: 'The vendor compressed its answer though it was asked not to.' };
  const text = utf8.decode(body);
  if (isCut) return { text, flaw: "The vendor's answer is too large." };
  return isUtf8(body) ? { text } : { text, flaw: "The vendor's answer is not UTF-8." };
}
