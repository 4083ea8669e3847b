import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/model/clock.js';
import type { Call } from '../../core/model/target.js';
import type { ReadRefusal } from '../../transport/judge.js';
import type { Limits } from '../../transport/limits.js';
import type { RetryBudget } from '../../transport/retry-budget.js';
import { rereadSecrets, type SecretReference } from '../../transport/secret.config.js';
import { sender, type Service, type Watchers } from '../../transport/send.js';
import { FromIam, type IamGrant } from './from-iam.js';
import type { AccessKeyConfig, HuaweiAuthConfig, HuaweiConnectionConfig, IamConfig } from './huawei.config.js';
import { exchangeOf } from './huawei.connection.js';
import { isUnauthenticated, tokenWrap } from './iam.token.js';
import {
  decodeGrant,
  decodeProject,
  encodeLogin,
  encodeProjects,
  type IamToken,
  type ProjectName,
  type ProjectToken,
} from './iam.wire.js';
import { projectWrap } from './project.js';
import { accessKeyWrap } from './signature.js';

/** How everything of one connection is sent. */
export interface Way {
  readonly connection: string;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly retries: RetryBudget;
  readonly readRefusal: ReadRefusal;
}

/** How one connection proves who it is, and how its calls come to name its project. */
export function credentialsOf(
  config: HuaweiConnectionConfig,
  way: Way,
  watchers: Watchers,
  clock: Clock,
): Pick<Service, 'token' | 'sign'> {
  const { auth, projectId, region = '' } = config;
  const project = projectId === undefined ? { name: region } : { id: projectId };
  if (auth.iam) return { token: tokenWrap(tokensOf(auth.iam, project, way, watchers, clock), clock) };
  if (!auth.aksk) return {};
  const { aksk } = auth;
  const sign = accessKeyWrap(
    () => keyOf(aksk),
    clock,
    () => rereadSecrets(referencesOf(auth)),
  );
  if (projectId !== undefined) return { token: projectWrap(() => Promise.resolve(projectId)), sign };
  const projects = projectOf(config, aksk, way, watchers, clock);
  return { token: projectWrap((call) => projects.current(call)), sign };
}

function tokensOf(
  iam: IamConfig,
  project: ProjectName,
  way: Way,
  watchers: Watchers,
  clock: Clock,
): FromIam<ProjectToken> {
  const send = sender({ ...way, service: 'iam' }, watchers, clock);
  watchers.circuit(way.connection, 'iam', 'closed');
  watchers.tokensExpected?.(way.connection);
  const { origin } = new URL(iam.url);
  const { domain, user, password } = iam;
  const ask = async (call: Call): Promise<IamToken> => {
    const login = encodeLogin({ domain, user, password: password.secret.reveal(), project });
    const exchange = exchangeOf(login, origin, asIam, (answer) => decodeGrant(answer, project));
    const grant = await send({ ...exchange, secrets: password.reveals() }, call);
    watchers.credentialEnds?.(way.connection, grant.passwordEndsAt);
    return grant;
  };
  const tokens = new FromIam({
    clock,
    what: 'id' in project ? 'token' : `token for the region ${project.name}`,
    askMs: way.limits.answerMs,
    asked: (outcome) => watchers.tokenRefreshed?.(way.connection, outcome),
    ask: withFresh([password], ask),
  });
  forgiveChanged(tokens, [password]);
  return tokens;
}

/** The id of the project that is named after the region, for as long as the connection is open. */
function projectOf(
  { auth, endpoints, region = '' }: HuaweiConnectionConfig,
  aksk: AccessKeyConfig,
  way: Way,
  watchers: Watchers,
  clock: Clock,
): FromIam<string> {
  // What was refused is read again here, and not by what signs.
  const sign = accessKeyWrap(() => keyOf(aksk), clock);
  const send = sender({ ...way, service: 'iam', sign }, watchers, clock);
  watchers.circuit(way.connection, 'iam', 'closed');
  watchers.projectExpected?.(way.connection);
  const { origin } = new URL(endpoints.iam ?? '');
  const secrets = referencesOf(auth);
  const ask = async (call: Call): Promise<IamGrant<string>> => {
    const exchange = exchangeOf(encodeProjects(region), origin, asIam, (answer) => decodeProject(answer, region));
    return { given: await send({ ...exchange, secrets: secretsOf(auth) }, call), lifeMs: () => Infinity };
  };
  const projects = new FromIam({
    clock,
    what: `project id for the region ${region}`,
    askMs: way.limits.answerMs,
    asked: (outcome) => watchers.projectAsked?.(way.connection, outcome),
    ask: withFresh(secrets, ask),
  });
  forgiveChanged(projects, secrets);
  return projects;
}

const asIam = { target: null, backend: 'iam' } as const;

function forgiveChanged(asked: Pick<FromIam<unknown>, 'forgive'>, secrets: readonly SecretReference[]): void {
  for (const secret of secrets) {
    secret.onReread((reread) => {
      if (reread === 'changed') asked.forgive();
    });
  }
}

/**
 * Asks with the secrets that are there now: those that were refused are read again first, and tried again only if they
 * are others.
 */
function withFresh<T>(
  secrets: readonly SecretReference[],
  ask: (call: Call) => Promise<T>,
): (call: Call) => Promise<T> {
  let wasRefused = false;
  return async (call) => {
    if (wasRefused) await rereadSecrets(secrets);
    try {
      wasRefused = false;
      return await ask(call);
    } catch (thrown) {
      wasRefused = isUnauthenticated(thrown);
      if (!wasRefused || !(await rereadSecrets(secrets))) throw thrown;
      wasRefused = false;
      return ask(call);
    }
  };
}

function keyOf({ accessKey, secretKey, securityToken }: AccessKeyConfig) {
  return {
    access: accessKey.secret.reveal(),
    secret: secretKey.secret.reveal(),
    securityToken: securityToken?.secret.reveal() ?? null,
  };
}

function referencesOf({ iam, aksk }: HuaweiAuthConfig): readonly SecretReference[] {
  return [iam?.password, aksk?.accessKey, aksk?.secretKey, aksk?.securityToken].flatMap((reference) => reference ?? []);
}

/** All secrets of a connection, to be kept out of what is quoted. */
export function secretsOf(auth: HuaweiAuthConfig): readonly string[] {
  return referencesOf(auth).flatMap((reference) => reference.reveals());
}
