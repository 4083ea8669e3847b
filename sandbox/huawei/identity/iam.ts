import type { Clock, PromptEmulator } from '../../exchange.ts';
import { DOMAIN, FOREIGN_PROJECT, PROJECT, USER } from '../account.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { onlyKnown, queryText, readBody } from '../members.ts';
import type { Members } from '../members.ts';
import { Refusal } from '../refusal.ts';
import type { Complaints } from '../refusal.ts';
import { createService, hexId } from '../service.ts';
import type { Answer, CallRequest } from '../service.ts';
import type { Authenticate } from './authentication.ts';
import { sha256 } from './canonical.ts';
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

/** Identity and Access Management: tokens for a user's password, projects, and where the services are. */
export interface Iam extends PromptEmulator {
  reset(): void;
}

interface IamParts {
  readonly tokens: Tokens;
  readonly identify: Authenticate;
  readonly endpoints: ReadonlyMap<string, string>;
}

/** IAM issuing into the given store. */
export function createIam(clock: Clock, knobs: HuaweiKnobs, { tokens, identify, endpoints }: IamParts): Iam {
  const passwords = createPasswords(clock, knobs);
  const service = createService({
    vendor: 'iam',
    calls: [
      {
        name: 'tokens',
        method: 'POST',
        path: '/v3/auth/tokens',
        answer: (request) => issueToken(request, passwords, knobs, { tokens, endpoints }),
      },
      { name: 'projects', method: 'GET', path: '/v3/projects', answer: listProjects },
      { name: 'domains', method: 'GET', path: '/v3/auth/domains', answer: listDomains },
      {
        name: 'catalog',
        method: 'GET',
        path: '/v3/auth/catalog',
        answer: (request) => showCatalog(request, endpoints),
      },
    ],
    admit: ({ call, arrived }) => {
      if (call === 'tokens') passwords.throttle();
      else identify(arrived);
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
function issueToken(
  { arrived, query }: CallRequest,
  passwords: Passwords,
  knobs: HuaweiKnobs,
  { tokens, endpoints }: Omit<IamParts, 'identify'>,
): Answer {
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
    body: {
      token: {
        ...describe(grant, projectScope, knobs),
        ...(query.has('nocatalog') ? {} : { catalog: catalogOf(endpoints) }),
      },
    },
  };
}

const LINKS = { self: '', previous: null, next: null };

/** "Querying a Project List" (KeystoneListProjects): all, or the one that is named after a region. */
function listProjects({ query }: CallRequest): Answer {
  onlyKnown(query, ['name', 'domain_id', 'enabled', 'page', 'per_page'], COMPLAINTS);
  const name = queryText(query, 'name', COMPLAINTS);
  const projects = [PROJECT, FOREIGN_PROJECT]
    .filter((project) => name === undefined || project.name === name)
    .map((project) => ({
      ...project,
      domain_id: DOMAIN.id,
      parent_id: DOMAIN.id,
      is_domain: false,
      enabled: true,
      description: '',
      links: { self: '' },
    }));
  return { status: 200, body: { projects, links: LINKS } };
}

/** "Querying Accounts Accessible to a User" (KeystoneListAuthDomains) */
function listDomains({ query }: CallRequest): Answer {
  onlyKnown(query, [], COMPLAINTS);
  return { status: 200, body: { domains: [{ ...DOMAIN, enabled: true, description: '' }], links: LINKS } };
}

/** "Querying the Service Catalog" (KeystoneShowCatalog) */
function showCatalog({ query }: CallRequest, endpoints: ReadonlyMap<string, string>): Answer {
  onlyKnown(query, [], COMPLAINTS);
  return { status: 200, body: { catalog: catalogOf(endpoints), links: LINKS } };
}

function catalogOf(endpoints: ReadonlyMap<string, string>): readonly object[] {
  return [...endpoints].map(([name, url]) => ({
    endpoints: [
      { id: sha256(url).slice(0, 32), interface: 'public', region: PROJECT.name, region_id: PROJECT.name, url },
    ],
    id: sha256(name).slice(0, 32),
    name,
    type: name,
  }));
}

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

function describe(grant: TokenGrant, project: typeof PROJECT | undefined, { passwordExpiresAt }: HuaweiKnobs): object {
  return {
    expires_at: iamTime(grant.expiresAt),
    issued_at: iamTime(grant.issuedAt),
    methods: ['password'],
    roles: [{ id: '0', name: 'te_admin' }],
    ...(project ? { project: { ...project, domain: DOMAIN } } : { domain: DOMAIN }),
    user: { id: USER.id, name: USER.name, domain: DOMAIN, password_expires_at: passwordExpiresAt },
  };
}

function iamTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}
