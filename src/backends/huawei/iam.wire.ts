import { momentOf } from '../../core/model/calendar.js';
import { ordinaryBytes, type Answer } from '../../transport/exchange.js';
import { bodyOf, type VendorCall } from './huawei.wire.js';
import { isObject, malformedJson, textOf } from './json.wire.js';

/** An IAM user, and the project that its tokens are for. */
export interface Login {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly projectId: string;
}

/** A token, and how long it lives: in milliseconds by IAM's own clock, or until a time where IAM tells only that. */
export interface IamToken {
  readonly token: string;
  readonly lifeMs: (now: number) => number;
  /** When the password of the user ends, in milliseconds since the epoch; null if it does not, or IAM does not say. */
  readonly passwordEndsAt: number | null;
}

/**
 * IAM API reference, "Obtaining a User Token Through Password Authentication":
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
 */
export function encodeLogin({ domain, user, password, projectId }: Login): VendorCall {
  const identity = { methods: ['password'], password: { user: { name: user, password, domain: { name: domain } } } };
  return {
    call: 'tokens',
    method: 'POST',
    path: '/v3/auth/tokens?nocatalog=true',
    body: JSON.stringify({ auth: { identity, scope: { project: { id: projectId } } } }),
    // It ends and changes nothing: IAM keeps the tokens it issued before.
    mutating: false,
    maxBytes: ordinaryBytes,
  };
}

/** The answer to that: 201, the token in a header, its end in the body. */
export function decodeGrant(answer: Answer): IamToken {
  const { token: body } = bodyOf(answer, 201);
  const token = answer.headers['x-subject-token'] ?? '';
  if (!/^[!-~]+$/.test(token)) throw malformedJson('The answer has no X-Subject-Token.');
  const { expires_at: end, issued_at: start, user } = isObject(body) ? body : {};
  const expiresAt = momentOf(textOf(end) ?? '');
  const issuedAt = momentOf(textOf(start) ?? '');
  if (Number.isNaN(expiresAt)) throw malformedJson('The answer does not tell when the token ends.');
  const passwordEndsAt = momentOf((isObject(user) && textOf(user['password_expires_at'])) || '');
  return {
    token,
    // Measured by one clock, a life is right even where ours is wrong.
    lifeMs: (now) => expiresAt - (Number.isNaN(issuedAt) ? now : issuedAt),
    passwordEndsAt: Number.isNaN(passwordEndsAt) ? null : passwordEndsAt,
  };
}
