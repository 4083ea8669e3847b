import { Failure, type FailureKind } from '../../core/model/failure.js';
import type { SessionSettings } from '../../core/model/session-settings.js';
import { vendorWord, vendorWords } from '../../transport/vendor-words.js';
import type { Element } from './xml.reader.js';
import { malformedXml, rootOf, upstreamOf, type Received } from './xml.wire.js';

/** The password of a uid: for login and the calls about pools. Never the one that login returns. */
export interface RealPassword {
  readonly kind: 'real';
  readonly value: string;
}

/** The password of a session: for calls within it, and nothing else. */
export interface SessionPassword {
  readonly kind: 'session';
  readonly value: string;
}

/** What login returned: enough to take the session over, so it is treated as a secret whole. */
export interface Session {
  readonly sid: string;
  readonly password: SessionPassword;
}

/** The transactions that concern a whole pool. */
export type PoolCall = 'flushpool' | 'resetpool' | 'samstatus';

function address(url: string, parameters: readonly (readonly [string, string])[]): string {
  return `${url}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/**
 * flushpool, resetpool, samstatus: 1010data XML API reference, "SAM pool management". No body.
 * https://docs.1010data.com/XMLAPI/SAMPoolManagement/SAMPoolManagement.html
 */
export function poolAddress(url: string, api: PoolCall, uid: string, password: RealPassword, gid: string): string {
  return address(url, [
    ['api', api],
    ['apiversion', '3'],
    ['uid', uid],
    ['pswd', password.value],
    ['gid', gid],
  ]);
}

/**
 * login: 1010data XML API reference, "login". Always says what becomes of a session that exists: the default ends it.
 * https://docs.1010data.com/XMLAPI/SessionManagement/XMLAPI-login.html
 */
export function loginAddress(url: string, uid: string, password: RealPassword): string {
  return address(url, [
    ['api', 'login'],
    ['apiversion', '3'],
    ['uid', uid],
    ['pswd', password.value],
    ['kill', 'possess'],
  ]);
}

/** session: 1010data XML API reference, "session (Set session parameters)". `kill` is never sent on it. */
export function sessionAddress(url: string, uid: string, { sid, password }: Session): string {
  return address(url, [
    ['api', 'session'],
    ['apiversion', '3'],
    ['uid', uid],
    ['pswd', password.value],
    ['sid', sid],
  ]);
}

/** The input of session. What the caller left out is left out. */
export function sessionBody({ infinityToNa, stepwise, blocking }: SessionSettings): string {
  const element = (name: string, value: string | undefined): string =>
    value === undefined ? '' : `<${name}>${escape(value)}</${name}>`;
  const onOff = (value: boolean | undefined): string | undefined =>
    value === undefined ? undefined : value ? 'on' : 'off';
  return `<in>${element('inf2na', onOff(infinityToNa))}${element('stepwise', onOff(stepwise))}${element('blocking', blocking?.toString())}</in>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An answer whose rc is 0: its root element. */
export interface Success {
  /** Of HTTP. */
  readonly status: number;
  readonly out: Element;
  readonly message: string;
}

/**
 * Reads an answer. Success is a whole, valid document with one `out`, and in it one element `rc` whose text is exactly
 * 0; any other number is a refusal in the vendor's words; everything else, `00` too, proves nothing. The secrets are
 * removed from what is quoted.
 */
export function decode(received: Received, secrets: readonly string[]): Success {
  return successOf(rootOf(received), received.status, secrets);
}

/** Reads what stands in the `<out>` of an answer. */
export function successOf({ rc, msg, ...out }: Element, status: number, secrets: readonly string[]): Success {
  if (typeof rc !== 'string' || !/^(?:0|-?[1-9]\d{0,8})$/.test(rc)) {
    throw malformedXml('The answer has no readable rc.', status);
  }
  const message = vendorWords(typeof msg === 'string' ? msg.trim() : '', secrets);
  if (rc === '0') return { status, out, message };
  const code = vendorWord(rc, secrets);
  const { kind, sentence } = refusal(rc, message, code);
  throw new Failure(kind, sentence, { sent: 'refused', upstream: upstreamOf(status, code, message) });
}

const byCode: Readonly<Record<string, readonly [FailureKind, string]>> = {
  4: ['upstream-rejected', 'The vendor does not accept the uid or password of this connection.'],
  5: ['upstream-conflict', 'The uid is logged in already.'],
  7: ['unsupported-operation', 'This 1010data installation does not know the transaction.'],
  35: ['upstream-rejected', 'The session is gone.'],
  37: ['upstream-rejected', 'The pool does not exist, or the uid of this connection does not own it.'],
  38: ['upstream-unavailable', '1010data is busy.'],
  39: ['upstream-rejected', '1010data does not accept calls from this address.'],
  41: ['upstream-unavailable', '1010data is unavailable.'],
  45: ['upstream-throttled', '1010data throttles logins.'],
};

/** rc 1 is unclassified: one text of it means the same as rc 37. */
const isNotOwner = (message: string): boolean => /\bown(?:er)?\b/i.test(message) && /\bgroup\b/i.test(message);

/** Another text of rc 1 that is known. */
const lacksPermission = (message: string): boolean => /\brequires special permissions?\b/i.test(message);

/**
 * May a refusal of a call be a time-out inside 1010data, after which it goes on? rc 1 with a text that is not known
 * may, and for the two calls that concern a whole pool that is no small thing.
 */
export function isUnexplained(api: PoolCall, thrown: unknown): boolean {
  if (!(thrown instanceof Failure) || thrown.upstream?.code !== '1' || thrown.sent !== 'refused') return false;
  const message = thrown.upstream.message ?? '';
  return (api === 'flushpool' || api === 'resetpool') && !isNotOwner(message) && !lacksPermission(message);
}

/** The same refusal, where what was done is unknown. */
export function unanswered({ message, upstream }: Failure): Failure {
  return new Failure('upstream-unavailable', `${message} That may be a time-out inside.`, {
    sent: 'perhaps',
    ...(upstream ? { upstream } : {}),
  });
}

function refusal(
  rc: string,
  message: string,
  code: string | null,
): { readonly kind: FailureKind; readonly sentence: string } {
  const [kind, sentence] = byCode[rc === '1' && isNotOwner(message) ? '37' : rc] ?? [
    'upstream-rejected',
    `1010data refused${code === null ? '' : ` with return code ${code}`}.`,
  ];
  return { kind, sentence };
}

/** The session that login started or took over. */
export function sessionOf({ status, out }: Success): Session {
  const [sid, pswd] = [out['sid'], out['pswd']].map((value) => (typeof value === 'string' ? value.trim() : ''));
  if (!sid || !pswd) throw malformedXml('The answer to login names no session.', status);
  return { sid, password: { kind: 'session', value: pswd } };
}
