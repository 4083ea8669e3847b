import type { Clock, Emulator } from '../../exchange.ts';
import { DOMAIN, FOREIGN_PROJECT, PROJECT, USER } from '../account.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { onlyKnown, readBody } from '../members.ts';
import type { Members } from '../members.ts';
import { Refusal } from '../refusal.ts';
import type { Complaints } from '../refusal.ts';
import { createService, hexId } from '../service.ts';
import type { Answer, CallRequest } from '../service.ts';
import { createPasswords } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import type { TokenGrant, Tokens } from './tokens.ts';

const TITLES = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
]);

const badRequest = (): Refusal => new Refusal(400, 'Bad Request', 'The request body is invalid');

const COMPLAINTS: Complaints = {
  contentType: badRequest,
  emptyBody: badRequest,
  notJson: badRequest,
  invalid: badRequest,
};

/** Identity and Access Management: tokens for a user's password. */
export interface Iam extends Emulator {
  reset(): void;
}

/** IAM issuing into the given store. */
export function createIam(clock: Clock, knobs: HuaweiKnobs, tokens: Tokens): Iam {
  const passwords = createPasswords(clock, knobs);
  const service = createService({
    vendor: 'iam',
    calls: [
      {
        name: 'tokens',
        method: 'POST',
        path: '/v3/auth/tokens',
        answer: (request) => issueToken(request, passwords, tokens),
      },
    ],
    admit: () => {
      passwords.throttle();
    },
    errorBody: (refusal) =>
      refusal.code.startsWith('IAM.')
        ? { error_code: refusal.code, error_msg: refusal.message }
        : { error: { code: refusal.status, message: refusal.message, title: TITLES.get(refusal.status) } },
    headers: () => ({ 'X-IAM-Trace-Id': hexId() }),
  });
  return {
    ...service,
    reset: () => {
      passwords.reset();
    },
  };
}

/** "Obtaining a User Token Through Password Authentication" (KeystoneCreateUserTokenByPassword) */
function issueToken({ arrived, query }: CallRequest, passwords: Passwords, tokens: Tokens): Answer {
  onlyKnown(query, ['nocatalog'], COMPLAINTS);
  const auth = readBody(arrived, ['auth'], COMPLAINTS).object('auth', ['identity', 'scope']);
  const identity = auth.object('identity', ['methods', 'password']);
  if (identity.texts('methods').join() !== 'password') throw badRequest();
  const user = identity.object('password', ['user']).object('user', ['name', 'id', 'password', 'domain']);
  const named = namesTheUser(user);
  const projectScope = readScope(auth);
  passwords.check(named, user.text('password'));
  const { token, grant } = tokens.issue(projectScope?.id ?? null);
  return {
    status: 201,
    headers: { 'X-Subject-Token': token },
    body: { token: { ...describe(grant, projectScope), ...(query.has('nocatalog') ? {} : { catalog: CATALOG }) } },
  };
}

const CATALOG = [
  {
    endpoints: [],
    id: '100a6a3477f1495286579b819d399e36',
    name: 'iam',
    type: 'iam',
  },
];

function namesTheUser(user: Members): boolean {
  const id = user.optionalText('id');
  if (id !== undefined) return id === USER.id;
  const domain = user.object('domain', ['name', 'id']);
  return user.text('name') === USER.name && namesTheDomain(domain);
}

function namesTheDomain(domain: Members): boolean {
  const id = domain.optionalText('id');
  return id === undefined ? domain.text('name') === DOMAIN.name : id === DOMAIN.id;
}

function readScope(auth: Members): typeof PROJECT | undefined {
  const scope = auth.optionalObject('scope', ['project', 'domain']);
  const project = scope?.optionalObject('project', ['id', 'name', 'domain']);
  if (!project) {
    const domain = scope?.optionalObject('domain', ['id', 'name']);
    if (domain && !namesTheDomain(domain)) throw outOfReach();
    return undefined;
  }
  const id = project.optionalText('id');
  const name = id === undefined ? project.text('name') : undefined;
  const found = [PROJECT, FOREIGN_PROJECT].find((candidate) => candidate.id === id || candidate.name === name);
  if (!found) throw outOfReach();
  return found;
}

function outOfReach(): Refusal {
  return new Refusal(401, 'Unauthorized', 'The request you have made requires authentication.');
}

function describe(grant: TokenGrant, project: typeof PROJECT | undefined): object {
  return {
    expires_at: iamTime(grant.expiresAt),
    issued_at: iamTime(grant.issuedAt),
    methods: ['password'],
    roles: [{ id: '0', name: 'te_admin' }],
    ...(project ? { project: { ...project, domain: DOMAIN } } : { domain: DOMAIN }),
    user: { id: USER.id, name: USER.name, domain: DOMAIN, password_expires_at: '' },
  };
}

function iamTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}
