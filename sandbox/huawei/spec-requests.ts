import { parse } from 'lossless-json';
import type { Arrived, PromptEmulator, Reply } from '../exchange.ts';
import { ACCESS_KEYS, DOMAIN, PROJECT, USER } from './account.ts';
import type { AccessKey } from './account.ts';
import type { Huawei } from './huawei.ts';
import { canonicalRequest, signatureOf } from './identity/canonical.ts';

/** The time at which specs start. */
export const START = Date.parse('2026-03-01T08:00:00Z');

/** A clock that stands still until it is told to go on. */
export function standingClock(): { now: () => number; pass: (milliseconds: number) => void } {
  let time = START;
  return {
    now: () => time,
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/** A request; an object becomes its JSON body, with the content type that belongs to it. */
export function arrivedAs(line: string, body?: unknown, headers: Record<string, string> = {}): Arrived {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
  return { method, path, query, headers: { host: '127.0.0.1', ...contentType, ...headers }, body: Buffer.from(text) };
}

/** The request signed by the key at that time, over all of its headers. */
export function signedBy(key: AccessKey, time: number, arrived: Arrived): Arrived {
  const date = new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
  const token = key.securityToken === undefined ? {} : { 'x-security-token': key.securityToken };
  const unsigned = { ...arrived, headers: { ...arrived.headers, 'x-sdk-date': date, ...token } };
  const names = Object.keys(unsigned.headers).sort();
  const signature = signatureOf(key.secret, date, canonicalRequest(unsigned, names));
  const authorization = `SDK-HMAC-SHA256 Access=${key.access}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...unsigned, headers: { ...unsigned.headers, authorization } };
}

/** The permanent key. */
export function permanentKey(): AccessKey {
  const [key] = ACCESS_KEYS;
  if (!key) throw new Error('The account has no key');
  return key;
}

/** The reply to a request that the permanent key signs now. */
export function ask(emulator: PromptEmulator, now: number, line: string, body?: unknown): Reply {
  return emulator.answer(signedBy(permanentKey(), now, arrivedAs(line, body)));
}

/** The body of a token request, with anything in it replaced. */
export function tokenRequest(changes: { password?: string; scope?: unknown } = {}): unknown {
  const user = { name: USER.name, password: changes.password ?? USER.password, domain: { name: DOMAIN.name } };
  const scope = changes.scope ?? { project: { id: PROJECT.id } };
  return { auth: { identity: { methods: ['password'], password: { user } }, scope } };
}

/** A token from the cloud's IAM. */
export function obtainToken(huawei: Huawei, scope?: unknown): string {
  const reply = huawei.iam.answer(arrivedAs('POST /v3/auth/tokens?nocatalog=true', tokenRequest({ scope })));
  return reply.headers['X-Subject-Token'] ?? '';
}

/** The JSON of a reply, integers as bigint. */
export function bodyOf(reply: Reply): unknown {
  return parse(reply.body, undefined, (digits) => BigInt(digits));
}
