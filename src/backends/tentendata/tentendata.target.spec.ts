import { describe, expect, it } from '@jest/globals';
import { inspect as show } from 'node:util';
import { Agent } from 'undici';
import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import { nobody } from '../../core/model/spec-process.js';
import { abilitiesOf, strategyOf } from '../../core/model/abilities.js';
import type { Call, Done, Node, Target } from '../../core/model/target.js';
import type { Answer, Exchange } from '../../transport/exchange.js';
import { asItIs, sendBy } from '../../transport/spec-send.js';
import { readRefusal, TentendataConnection } from './tentendata.connection.js';
import { poolTarget, uidTarget } from './tentendata.target.js';

const start = Date.UTC(2026, 1, 1);
const clock: Clock = { now: () => start, sleep: () => Promise.resolve() };
const real = 'Tr0ub4dor& 3';
const sessionPassword = '_______9f3ca1';
const call: Call = { requestId: 'r1', signal: new AbortController().signal, deadline: start + 600_000 };
const whole: Node = { name: null, id: null, component: null };
const modes = ['graceful', 'forced'] as const;
const settings = { infinityToNa: true, blocking: 3 };

/** What the gateway answers to one transaction: a document, or no answer at all. */
type Reply = string | Failure | Promise<string>;

interface Gateway {
  readonly connection: TentendataConnection;
  readonly sent: Exchange[];
  readonly calls: Call[];
  /** The transactions in their order. */
  readonly apis: () => readonly (string | null)[];
}

/** A gateway that answers each transaction from its own list; the last answer goes on for ever. */
function gateway(replies: Readonly<Record<string, readonly Reply[]>>): Gateway {
  const sent: Exchange[] = [];
  const calls: Call[] = [];
  const send = sendBy(async (exchange, within) => {
    const api = new URL(exchange.url).searchParams.get('api') ?? '';
    const list = replies[api] ?? [];
    const reply = list[Math.min(sent.filter((one) => apiOf(one) === api).length, list.length - 1)];
    sent.push(exchange);
    calls.push(within);
    if (reply instanceof Failure) throw reply;
    return answer(200, (await reply) ?? refusal(7));
  });
  const access = {
    url: 'https://www2.1010data.com/gw.k',
    uid: 'acme_owner',
    password: () => ({ kind: 'real', value: real }) as const,
    lookMs: 15_000,
  };
  const connection = new TentendataConnection(access, send, new Agent(), clock);
  return { connection, sent, calls, apis: () => sent.map(apiOf) };
}

function answer(status: number, text: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers, text };
}

function apiOf({ url }: Exchange): string | null {
  return new URL(url).searchParams.get('api');
}

function query({ url }: Exchange): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(url).searchParams);
}

const ok = '<out><rc>0</rc><msg>OK</msg></out>';
const refusal = (rc: number): string => `<out><rc>${String(rc)}</rc><msg>no</msg></out>`;
const loggedIn = (sid: string): string =>
  `<out><rc>0</rc><sid>${sid}</sid><pswd>${sessionPassword}</pswd><msg>Last login was: today</msg></out>`;
const silent = new Failure('upstream-timeout', 'No answer.', { sent: 'perhaps' });
const unreachable = new Failure('upstream-unavailable', 'Not there.', { sent: 'never' });

const config = { backend: '1010data', connection: 'tenten' };

function pool({ connection }: Gateway): Target {
  return poolTarget({ ...config, name: 'bi-pool', pool: 'acme_pool' }, 'acme_pool', connection);
}

function user({ connection }: Gateway): Target {
  return uidTarget({ ...config, name: 'bi-user', labels: { env: 'prod' }, description: 'Me' }, connection);
}

function flush(one: Gateway, mode: 'graceful' | 'forced' = 'graceful'): Promise<Done> {
  const { [mode]: way } = pool(one).flush ?? {};
  if (!way) throw new Error(`There is no ${mode} flush.`);
  return way.run(null, call);
}

function tune(target: Target): Promise<Done> {
  if (!target.tune) throw new Error('It cannot be tuned.');
  return target.tune.run(settings, call);
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    (value) => value,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Failure)) throw new Error(`No Failure was thrown, but ${show(thrown)}`);
  for (const secret of [real, encodeURIComponent(real), sessionPassword]) {
    expect(show(thrown, { depth: 10 }) + JSON.stringify(thrown)).not.toContain(secret);
  }
  return thrown;
}

const member = (uid: string, facts: string): string => `<user uid="${uid}" ${facts}/>`;
const status = (...members: readonly string[]): string =>
  `<out><rc>0</rc><msg>OK</msg><users>${members.join('')}</users></out>`;

describe('a pool', () => {
  it('can be looked at and flushed, and nothing else', () => {
    const target = pool(gateway({}));
    expect(target).toMatchObject({
      name: 'bi-pool',
      backend: '1010data',
      labels: {},
      description: null,
      lookMs: 15_000,
    });
    expect(abilitiesOf(target)).toEqual(['look', 'flush']);
    expect(modes.map((mode) => strategyOf(target, mode))).toEqual(['native', 'native']);
    expect([...target.facts]).toEqual(['user']);
    expect([...target.states]).toEqual(['active', 'idle', 'offline']);
  });

  it('names the routes of its calls, without the credentials', () => {
    const { graceful, forced } = pool(gateway({})).flush ?? {};
    expect([graceful?.route, forced?.route]).toEqual([
      { method: 'POST', path: '/gw.k?api=flushpool' },
      { method: 'POST', path: '/gw.k?api=resetpool' },
    ]);
    expect(user(gateway({})).tune?.route).toEqual({ method: 'POST', path: '/gw.k?api=session' });
  });

  it('watches whom it marked for an hour, or as long as it is told', () => {
    const { connection } = gateway({});
    const watched = (more: object) =>
      poolTarget({ ...config, name: 'bi-pool', ...more }, 'acme_pool', connection).drainWatchSeconds;
    expect([watched({}), watched({ drainWatchSeconds: 0 }), watched({ drainWatchSeconds: 60 })]).toEqual([3600, 0, 60]);
  });

  it('has no member that the vendor needs', () => {
    expect(pool(gateway({})).protects({ ...nobody, id: 'acme_owner', user: 'acme_owner' })).toBeNull();
  });

  it('is one place without a name', async () => {
    const target = pool(gateway({}));
    expect(target.configuredNodes).toEqual([whole]);
    expect(await target.nodes(call)).toEqual([whole]);
  });

  it.each([
    ['acme_sam1', true],
    ['a', true],
    ['Acme', false],
    ['1acme', false],
    ['acme sam', false],
    ['', false],
    ['a'.repeat(65), false],
  ])('can have a member %j: %j', (id, expected) => {
    expect(pool(gateway({})).isId(id)).toBe(expected);
  });

  it('is looked at by the owner with the real password, which changes nothing', async () => {
    const one = gateway({ samstatus: [status(member('m1', 'loggedin="1" free="0" marked="0"'))] });
    const listing = await pool(one).look?.(whole, call);
    expect(listing).toMatchObject({ complete: true, at: new Date(start), processes: [{ id: 'm1', state: 'active' }] });
    expect(one.sent).toHaveLength(1);
    const [sent] = one.sent;
    expect(sent).toMatchObject({ method: 'POST', mutating: false, body: null, target: 'bi-pool', call: 'samstatus' });
    expect(sent && query(sent)).toEqual({
      api: 'samstatus',
      apiversion: '3',
      uid: 'acme_owner',
      pswd: real,
      gid: 'acme_pool',
    });
  });

  it.each(['<html>', '', '<out><rc>0</rc><users><user id="m1"/></users></out>'])(
    'that answers nonsense is told by the HTTP status of that: %j',
    async (samstatus) => {
      const failure = await failureOf(pool(gateway({ samstatus: [samstatus] })).look!(whole, call));
      expect(failure).toMatchObject({ kind: 'upstream-malformed', upstream: { httpStatus: 200, code: null } });
    },
  );

  it.each([ok, status()])('that lists nobody has no members: %s', async (samstatus) => {
    const listing = await pool(gateway({ samstatus: [samstatus] })).look?.(whole, call);
    expect(listing).toMatchObject({ processes: [], complete: true });
  });

  it('is flushed by the owner with the real password, and then looked at once', async () => {
    const one = gateway({ flushpool: [ok], samstatus: [status(member('m1', 'loggedin="1" free="0" marked="1"'))] });
    await flush(one);
    expect(one.apis()).toEqual(['flushpool', 'samstatus']);
    const [first, second] = one.sent;
    expect([first?.mutating, second?.mutating]).toEqual([true, false]);
    expect(first && query(first)).toEqual({
      api: 'flushpool',
      apiversion: '3',
      uid: 'acme_owner',
      pswd: real,
      gid: 'acme_pool',
    });
    expect(one.calls.map(({ deadline }) => deadline - start)).toEqual([600_000, 15_000]);
  });

  const busy = 'loggedin="1" free="0"';
  const free = 'loggedin="1" free="1"';
  const counted: readonly (readonly [string, string, Partial<Done>])[] = [
    [
      'counts who is marked',
      status(
        member('m1', `${busy} marked="1"`),
        member('m2', `${busy} marked="1"`),
        member('m3', `${free} marked="0"`),
      ),
      { is: 'marked', ids: ['m1', 'm2'] },
    ],
    ['has ended all where nobody is marked', status(member('m1', `${free} marked="0"`)), { is: 'marked', ids: [] }],
    ['counts no busy id that came after it', status(member('m1', `${busy} marked="0"`)), { is: 'marked', ids: [] }],
    ['cannot count where marks are not told', status(member('m1', busy)), { is: 'unlisted', mayBeListed: 'later' }],
    ['cannot count where nobody is listed', ok, { is: 'unlisted', mayBeListed: 'later' }],
    ['cannot count in an empty list', status(), { is: 'unlisted', mayBeListed: 'later' }],
    ['need not know the marks of free ids', status(member('m1', free)), { is: 'marked', ids: [] }],
    [
      'cannot count in a shape that nobody knows',
      status(member('m1', 'status="busy"')),
      { is: 'unlisted', mayBeListed: 'later' },
    ],
    ['cannot count at all where samstatus is not known', refusal(7), { is: 'unlisted', mayBeListed: 'never' }],
    ['does not fail where samstatus does', refusal(38), { is: 'unlisted', mayBeListed: 'later' }],
    ['does not fail where samstatus is nonsense', '<html>', { is: 'unlisted', mayBeListed: 'later' }],
  ];
  it.each(counted)('that was flushed %s', async (_name, samstatus, expected) => {
    const one = gateway({ flushpool: [ok], samstatus: [samstatus] });
    expect(await flush(one)).toMatchObject({
      call: { node: null, call: 'flushpool', code: '0', message: 'OK', requestId: null, jobId: null },
      ...expected,
    });
    expect(one.apis()).toEqual(['flushpool', 'samstatus']);
  });

  it('that was flushed does not fail where samstatus is not answered', async () => {
    const one = gateway({ flushpool: [ok], samstatus: [silent] });
    expect(await flush(one)).toMatchObject({ is: 'unlisted', mayBeListed: 'later' });
    expect(one.apis()).toEqual(['flushpool', 'samstatus']);
  });

  it.each<[string, string, 'refused' | 'perhaps']>([
    ['an unexplained text', 'Requested columns not found', 'perhaps'],
    ['no text', '', 'perhaps'],
    ['the text for a pool of somebody else', 'User does not own the group', 'refused'],
  ])('is known not to have happened, or not, after rc 1 with %s', async (_name, message, sent) => {
    const reply = `<out><rc>1</rc><msg>${message}</msg></out>`;
    const one = gateway({ flushpool: [reply], resetpool: [reply], samstatus: [reply] });
    for (const mode of modes) {
      await expect(pool(one).flush?.[mode]?.run(null, call)).rejects.toMatchObject({ sent, upstream: { code: '1' } });
    }
    await expect(pool(one).look?.(whole, call)).rejects.toMatchObject({ sent: 'refused' });
  });

  it.each([
    ['silence', silent, { sent: 'perhaps' }],
    ['HTML', '<html>', { kind: 'upstream-malformed', sent: 'perhaps' }],
    ['half an answer', '<out><rc>0</rc><msg>O', { kind: 'upstream-malformed', sent: 'perhaps' }],
    ['a lost session', refusal(35), { kind: 'upstream-rejected', sent: 'refused' }],
    ['a foreign pool', refusal(37), { kind: 'upstream-rejected', sent: 'refused' }],
    ['an unknown transaction', refusal(7), { kind: 'unsupported-operation', sent: 'refused' }],
    ['nobody there', unreachable, { sent: 'never' }],
  ])('is flushed once, though the answer is %s', async (_name, reply, expected) => {
    for (const mode of modes) {
      const one = gateway({ flushpool: [reply], resetpool: [reply], samstatus: [status()] });
      expect(await failureOf(flush(one, mode))).toMatchObject(expected);
      expect(one.sent).toHaveLength(1);
    }
  });

  it('is reset when forced, and not looked at', async () => {
    const one = gateway({ resetpool: [ok] });
    const done = await flush(one, 'forced');
    expect(done).toMatchObject({ is: 'ended', call: { call: 'resetpool' } });
    expect(one.apis()).toEqual(['resetpool']);
    expect(one.sent[0]?.mutating).toBe(true);
  });
});

describe('a uid', () => {
  it('can be tuned, and nothing else', () => {
    const target = user(gateway({}));
    expect(target).toMatchObject({ name: 'bi-user', labels: { env: 'prod' }, description: 'Me' });
    expect(abilitiesOf(target)).toEqual(['tune']);
    expect(target.facts.size + target.states.size).toBe(0);
  });

  it('takes its session over with the real password, and sets within it with the password of the session', async () => {
    const one = gateway({ login: [loggedIn('700100200')], session: ['<out><rc>0</rc><msg>Set</msg></out>'] });
    expect(await tune(user(one))).toEqual({
      is: 'set',
      call: { node: null, call: 'session', code: '0', message: 'Set', requestId: null, jobId: null },
    });
    expect(one.sent.map(query)).toEqual([
      { api: 'login', apiversion: '3', uid: 'acme_owner', pswd: real, kill: 'possess' },
      { api: 'session', apiversion: '3', uid: 'acme_owner', pswd: sessionPassword, sid: '700100200' },
    ]);
    expect(one.sent.map(({ body, mutating }) => [body, mutating])).toEqual([
      [null, false],
      ['<in><inf2na>on</inf2na><blocking>3</blocking></in>', true],
    ]);
  });

  it('that lost its session takes it over once more', async () => {
    const one = gateway({ login: [loggedIn('1'), loggedIn('2')], session: [refusal(35), ok] });
    expect(await tune(user(one))).toMatchObject({ is: 'set' });
    expect(one.apis()).toEqual(['login', 'session', 'login', 'session']);
    expect(one.sent.map((sent) => query(sent)['sid'])).toEqual([undefined, '1', undefined, '2']);
    expect(one.sent.map((sent) => query(sent)['kill'])).toEqual(['possess', undefined, 'possess', undefined]);
  });

  it('that loses its session again is rejected', async () => {
    const one = gateway({ login: [loggedIn('1')], session: [refusal(35)] });
    const failure = await failureOf(tune(user(one)));
    expect(failure).toMatchObject({ kind: 'upstream-rejected', sent: 'refused', upstream: { code: '35' } });
    expect(one.apis()).toEqual(['login', 'session', 'login', 'session']);
  });

  it.each([
    ['silence', silent, { sent: 'perhaps' }],
    ['HTML', '<html>', { kind: 'upstream-malformed', sent: 'perhaps' }],
    ['a refusal', refusal(9), { kind: 'upstream-rejected', sent: 'refused' }],
    ['nobody there', unreachable, { sent: 'never' }],
  ])('is set once, though the answer is %s', async (_name, reply, expected) => {
    const one = gateway({ login: [loggedIn('1')], session: [reply] });
    expect(await failureOf(tune(user(one)))).toMatchObject(expected);
    expect(one.apis()).toEqual(['login', 'session']);
  });

  it.each([
    ['is not answered', silent, { kind: 'upstream-timeout', sent: 'never' }],
    ['is nonsense', '<html>', { kind: 'upstream-malformed', sent: 'never' }],
    ['names no session', ok, { kind: 'upstream-malformed', sent: 'never' }],
    ['is refused', refusal(4), { kind: 'upstream-rejected', sent: 'refused', upstream: { code: '4' } }],
    ['is throttled', refusal(45), { kind: 'upstream-throttled', sent: 'refused' }],
    ['cannot be sent', unreachable, { kind: 'upstream-unavailable', sent: 'never' }],
  ])('is not set where the login %s', async (_name, reply, expected) => {
    const one = gateway({ login: [reply] });
    expect(await failureOf(tune(user(one)))).toMatchObject(expected);
    expect(one.apis()).toEqual(['login']);
  });

  it('is asked one thing at a time, by all its targets', async () => {
    const hold = Promise.withResolvers<string>();
    const one = gateway({ login: [loggedIn('1')], session: [hold.promise, refusal(9), ok] });
    const target = user(one);
    const first = tune(target);
    const second = failureOf(tune(target));
    const third = tune(user(one));
    await new Promise((resolve) => setImmediate(resolve));
    expect(one.apis()).toEqual(['login', 'session']);
    hold.resolve(ok);
    expect(await first).toMatchObject({ is: 'set' });
    expect(await second).toMatchObject({ kind: 'upstream-rejected' });
    expect(await third).toMatchObject({ is: 'set' });
    expect(one.apis()).toEqual(['login', 'session', 'login', 'session', 'login', 'session']);
  });

  it('does not wait for a pool of the same owner, nor that for it', async () => {
    const hold = Promise.withResolvers<string>();
    const one = gateway({ login: [hold.promise], session: [ok], resetpool: [ok] });
    const tuning = tune(user(one));
    expect(await flush(one, 'forced')).toMatchObject({ is: 'ended' });
    hold.resolve(loggedIn('1'));
    expect(await tuning).toMatchObject({ is: 'set' });
  });

  it('does not repeat a password or a session that an answer quotes', async () => {
    const quoting = `<out><rc>9</rc><msg>uid=u pswd=${sessionPassword} sid=700100200 real=${real.replace('&', '&amp;')}</msg></out>`;
    const one = gateway({ login: [loggedIn('700100200')], session: [quoting] });
    const failure = await failureOf(tune(user(one)));
    expect(failure.upstream?.message).toBe('uid=u pswd=[secret] sid=[secret] real=[secret]');
  });
});

describe('what stands in front of 1010data', () => {
  const exchange: Exchange = {
    target: 'bi-pool',
    backend: '1010data',
    call: 'flushpool',
    method: 'POST',
    url: 'https://www2.1010data.com/gw.k',
    headers: {},
    body: null,
    mutating: true,
    maxBytes: 1000,
    secrets: [real],
    read: asItIs,
  };

  it.each([
    [403, 'upstream-rejected'],
    [404, 'upstream-rejected'],
    [429, 'upstream-throttled'],
  ])('may refuse by %d: %s', (code, kind) => {
    const failure = readRefusal(answer(code, 'Go away', { 'retry-after': '7' }), exchange);
    expect(failure).toMatchObject({ kind, sent: 'refused', retryAfterMs: 7000 });
    expect(failure.upstream).toMatchObject({ httpStatus: code, code: null, message: 'Go away' });
  });

  it.each([
    [`Bad request: /gw.k?pswd=${encodeURIComponent(real)}`, 'Bad request: /gw.k?pswd=[secret]'],
    [`Bad request: ${real}`, 'Bad request: [secret]'],
    ['<html>A page</html>', null],
    ['', null],
  ])('is quoted without secrets: %j', (text, message) => {
    expect(readRefusal(answer(400, text), exchange).upstream?.message).toBe(message);
  });
});
