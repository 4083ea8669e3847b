import { momentOf } from '../../core/model/calendar.js';
import { Failure } from '../../core/model/failure.js';
import { ordinaryBytes, type Answer } from '../../transport/exchange.js';
import { bodyOf, type VendorCall } from './huawei.wire.js';
import { isObject, malformedJson, objectsOf, textOf, type JsonObject } from './json.wire.js';
import { projectIdPattern } from './project.js';

/** A project by its id, or by its name, which is that of its region. */
export type ProjectName = { readonly id: string } | { readonly name: string };

/** An IAM user, and the project that its tokens are for. */
export interface Login {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly project: ProjectName;
}

/** A token, and the project that it is for. */
export interface ProjectToken {
  readonly token: string;
  readonly projectId: string;
}

/** A token, and how long it lives: in milliseconds by IAM's own clock, or until a time where IAM tells only that. */
export interface IamToken {
  readonly given: ProjectToken;
  readonly lifeMs: (now: number) => number;
  /** When the password of the user ends, in milliseconds since the epoch; null if it does not, or IAM does not say. */
  readonly passwordEndsAt: number | null;
}

/**
 * IAM API reference, "Obtaining a User Token Through Password Authentication":
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
 */
export function encodeLogin({ domain, user, password, project }: Login): VendorCall {
  const identity = { methods: ['password'], password: { user: { name: user, password, domain: { name: domain } } } };
  return {
    call: 'tokens',
    method: 'POST',
    path: '/v3/auth/tokens?nocatalog=true',
    body: JSON.stringify({ auth: { identity, scope: { project } } }),
    // It ends and changes nothing: IAM keeps the tokens it issued before.
    mutating: false,
    maxBytes: ordinaryBytes,
  };
}

/** The answer to that: 201, the token in a header, its end and its project in the body. */
export function decodeGrant(answer: Answer, asked: ProjectName): IamToken {
  const { token: body } = bodyOf(answer, 201);
  const token = answer.headers['x-subject-token'] ?? '';
  if (!/^[!-~]+$/.test(token)) throw malformedJson('The answer has no X-Subject-Token.');
  const { expires_at: end, issued_at: start, user, project } = isObject(body) ? body : {};
  const expiresAt = momentOf(textOf(end) ?? '');
  const issuedAt = momentOf(textOf(start) ?? '');
  if (Number.isNaN(expiresAt)) throw malformedJson('The answer does not tell when the token ends.');
  const passwordEndsAt = momentOf((isObject(user) && textOf(user['password_expires_at'])) || '');
  return {
    given: { token, projectId: 'id' in asked ? asked.id : foundId(project, asked.name) },
    // Measured by one clock, a life is right even where ours is wrong.
    lifeMs: (now) => expiresAt - (Number.isNaN(issuedAt) ? now : issuedAt),
    passwordEndsAt: Number.isNaN(passwordEndsAt) ? null : passwordEndsAt,
  };
}

/**
 * IAM API reference, "Querying Project Information Based on the Specified Criteria":
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
 */
export function encodeProjects(region: string): VendorCall {
  return {
    call: 'projects',
    method: 'GET',
    path: `/v3/projects?name=${encodeURIComponent(region)}`,
    body: null,
    mutating: false,
    maxBytes: ordinaryBytes,
  };
}

/** The answer to that: the id of the one project of this name. Throws Failure where there is none, or another. */
export function decodeProject(answer: Answer, region: string): string {
  const projects = objectsOf(bodyOf(answer).projects, 'projects').filter(({ name }) => textOf(name) === region);
  const [project, ...more] = projects;
  if (project && more.length === 0) return foundId(project, region);
  const found = project ? 'has several projects of that name' : 'knows no project of that name';
  throw new Failure('upstream-rejected', `IAM ${found} for these credentials. Configure its projectId.`, {
    sent: 'refused',
  });
}

function foundId(project: unknown, region: string): string {
  const { id, name }: JsonObject = isObject(project) ? project : {};
  const found = textOf(id) ?? '';
  if (!projectIdPattern.test(found) || textOf(name) !== region) {
    throw malformedJson(`The answer does not tell the id of the project ${region}.`);
  }
  return found;
}
