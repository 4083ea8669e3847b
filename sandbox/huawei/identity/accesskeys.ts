import type { Arrived, Clock } from '../../exchange.ts';
import { ACCESS_KEYS } from '../account.ts';
import type { AccessKey } from '../account.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { Refusal } from '../refusal.ts';
import { canonicalRequest, headerText, parseAuthorization, sha256, signatureOf } from './canonical.ts';
import type { Signed } from './canonical.ts';

/** Verifies AK/SK signatures, and locks a key after too many bad ones in a row. */
export interface AccessKeys {
  /** Throws unless the request is signed by a known key, for now, over what arrived. */
  verify(arrived: Arrived): void;
  reset(): void;
}

interface Failures {
  count: number;
  lockedUntil: number;
}

/** A verifier of the account's keys. */
export function createAccessKeys(clock: Clock, knobs: HuaweiKnobs): AccessKeys {
  const failures = new Map<string, Failures>();

  function refuseLocked(access: string): void {
    const failed = failures.get(access);
    if (!failed || failed.lockedUntil === 0) return;
    if (clock() < failed.lockedUntil) throw unauthentic('AK access failed to reach the limit,forbidden');
    failures.delete(access);
  }

  function countFailure(access: string): void {
    const failed = failures.get(access) ?? { count: 0, lockedUntil: 0 };
    failures.set(access, failed);
    failed.count += 1;
    const { accessKeyFailureLimit: limit, accessKeyLockMs: lockMs } = knobs;
    if (limit > 0 && failed.count > limit) failed.lockedUntil = clock() + lockMs;
  }

  return {
    verify: (arrived) => {
      const signed = parseAuthorization(headerText(arrived, 'authorization'));
      if (!signed) throw unauthentic('parse authorization header fail');
      const key = ACCESS_KEYS.find((candidate) => candidate.access === signed.access);
      if (!key) throw unauthentic(`Get secretKey failed,ak:${signed.access},err:ak not exist`);
      refuseLocked(key.access);
      const refusal = judge(arrived, signed, key, clock(), knobs.signatureWindowMs);
      if (refusal) {
        countFailure(key.access);
        throw refusal;
      }
      failures.delete(key.access);
    },
    reset: () => {
      failures.clear();
    },
  };
}

/** The front gateway's answer to credentials that prove nothing. */
export function unauthentic(why: string): Refusal {
  return new Refusal(401, 'APIGW.0301', `Incorrect IAM authentication information: ${why}`);
}

function judge(arrived: Arrived, signed: Signed, key: AccessKey, now: number, windowMs: number): Refusal | undefined {
  const sdkDate = headerText(arrived, 'x-sdk-date');
  const signedAt = parseSdkDate(sdkDate);
  if (signedAt === undefined || !signed.headers.includes('x-sdk-date')) {
    return unauthentic('calc aksk signature fail:x-sdk-date is missing, malformed or not signed');
  }
  if (Math.abs(now - signedAt) > windowMs) {
    const serverTime = formatSdkDate(now);
    return unauthentic(
      `calc aksk signature fail:signature expired, signature time:${sdkDate},server time:${serverTime}`,
    );
  }
  const canonical = canonicalRequest(arrived, signed.headers);
  if (signatureOf(key.secret, sdkDate, canonical) !== signed.signature || !payloadIsSigned(arrived)) {
    return unauthentic(`verify aksk signature fail, canonicalRequest:${canonical.replaceAll('\n', '|')}`);
  }
  if (key.securityToken === undefined) return undefined;
  const tokenSigned = signed.headers.includes('x-security-token');
  if (tokenSigned && headerText(arrived, 'x-security-token') === key.securityToken) return undefined;
  return unauthentic(`verify securityToken fail,ak:${key.access}`);
}

function payloadIsSigned(arrived: Arrived): boolean {
  const claimed = headerText(arrived, 'x-sdk-content-sha256');
  return claimed === '' || claimed === 'UNSIGNED-PAYLOAD' || claimed === sha256(arrived.body);
}

function parseSdkDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const time = Date.parse(`${year}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function formatSdkDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}
