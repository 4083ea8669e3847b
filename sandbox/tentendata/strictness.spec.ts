import { describe, expect, it } from '@jest/globals';
import { createGateway } from './spec-gateway.ts';
import { createTentendata } from './tentendata.ts';

const pool = 'uid=acme_owner&pswd=ownerPass1&gid=acme_pool';

describe('the gateway refuses', () => {
  it.each([
    ['', 6],
    ['api=', 6],
    ['uid=acme_owner&pswd=ownerPass1', 6],
    ['api=markgid', 7],
    ['api=constructor', 7],
    [`api=flushpool&${pool}&api=resetpool`, 9],
    [`api=flushpool&${pool}&gid=zeta_pool`, 9],
    [`api=flushpool&${pool}&kill=no`, 9],
    [`api=flushpool&${pool}&sid=700100200`, 9],
    [`api=flushpool&${pool}&force=yes`, 9],
    [`api=flushpool&apiversion=2&${pool}`, 9],
    [`api=flushpool&apiversion=&${pool}`, 9],
    ['api=login&uid=acme_owner&pswd=ownerPass1&kill=maybe', 9],
    ['api=login&uid=acme_owner&pswd=ownerPass1&gid=acme_pool', 9],
    ['api=logout&uid=acme_m1&pswd=x&sid=1&kill=possess', 9],
    ['api=session&uid=acme_m1&pswd=x&sid=1&kill=no', 9],
    ['api=login&uid=acme_owner&pswd=owner%zz', 9],
    ['api=login&pswd=ownerPass1', 3],
    ['api=login&uid=&pswd=ownerPass1', 3],
    ['api=login&uid=nobody&pswd=ownerPass1', 4],
    ['api=login&uid=acme_owner', 4],
    ['api=login&uid=acme_owner&pswd=ownerpass1', 4],
    ['api=login&uid=acme_pool&pswd=poolPass1', 4],
    ['api=flushpool&uid=acme_owner&pswd=wrong&gid=acme_pool', 4],
    ['api=clear&uid=acme_m1&pswd=wrong&sid=1', 4],
    ['api=clear&uid=acme_m1&pswd=poolPass1&sid=1', 4],
    [`api=clear&uid=acme_m1&pswd=_______${'a'.repeat(48)}&sid=1`, 35],
    [`api=reluid&uid=acme_m1&pswd=_______${'a'.repeat(48)}&sid=1&gid=acme_pool`, 35],
    ['api=flushpool&uid=acme_owner&pswd=ownerPass1&gid=zeta_pool', 37],
  ])('%s: rc %i', (query, rc) => {
    expect(createGateway().ask(query).rc).toBe(rc);
  });

  it('a missing version', () => {
    const { emulator } = createTentendata({ clock: () => 0 });
    const query = `api=flushpool&${pool}`;
    const reply = emulator.answer({ method: 'POST', path: '/gw', query, headers: {}, body: Buffer.of() });
    expect(reply.body).toBe('<out><rc>9</rc><msg>Bad value: apiversion</msg></out>');
  });

  it.each([
    [{ contentType: 'application/json' }, 9],
    [{ contentType: 'application/xml' }, 9],
    [{ contentType: 'text/xml; charset=latin1' }, 9],
    [{ body: '<in/>' }, 9],
    [{ body: ' ', contentType: null }, 9],
    [{ method: 'GET' }, 9],
    [{ method: 'DELETE' }, 9],
    [{ contentType: 'text/xml; charset=utf-8' }, 0],
    [{ contentType: 'text/xml' }, 0],
    [{}, 0],
  ])('flushpool as %j: rc %i', (asked, rc) => {
    expect(createGateway().ask(`api=flushpool&${pool}`, asked).rc).toBe(rc);
  });

  it('the encrypted password where the real one is due, and the sid of another', () => {
    const { ask, enter } = createGateway();
    const session = enter('acme_owner', 'ownerPass1');
    const [, encrypted = '', sid = ''] = /pswd=(.*)&sid=(.*)/.exec(session) ?? [];
    expect(ask(`api=flushpool&uid=acme_owner&pswd=${encrypted}&gid=acme_pool`).rc).toBe(4);
    expect(ask(`api=login&uid=acme_owner&pswd=${encrypted}&kill=possess`).rc).toBe(4);
    expect(ask(`api=clear&uid=acme_m1&pswd=${encrypted}&sid=${sid}`).rc).toBe(35);
    expect(ask(`api=clear&uid=acme_owner&pswd=${encrypted}&sid=1`).rc).toBe(35);
    expect(ask(`api=clear&uid=acme_owner&pswd=${encrypted}`).rc).toBe(35);
  });

  it('an address that is not allowed, after the password', () => {
    const { ask, state } = createGateway();
    state.allowAddress('acme_owner', false);
    expect(ask(`api=flushpool&${pool}`).rc).toBe(39);
    expect(ask('api=flushpool&uid=acme_owner&pswd=wrong&gid=acme_pool').rc).toBe(4);
  });

  it('nothing with an effect', () => {
    const { ask, state } = createGateway();
    const before = state.pool('acme_pool');
    ask(`api=flushpool&${pool}&kill=yes`);
    ask(`api=resetpool&${pool}`, { body: '<in/>' });
    ask('api=resetpool&uid=zeta_owner&pswd=zetaPass1&gid=acme_pool');
    expect(state.pool('acme_pool')).toEqual(before);
  });
});

describe('the gateway reads', () => {
  it.each(['/gw.k', '/gw', '/cgi-bin/gw.k', '/cgi-bin/prod-stable/gw.k', '/prod-latest/gw'])('%s', (path) => {
    expect(createGateway().ask(`api=flushpool&${pool}`, { path }).rc).toBe(0);
  });

  it('no other path', () => {
    const { emulator } = createTentendata({ clock: () => 0 });
    const arrived = { method: 'POST', query: 'api=login', headers: {}, body: Buffer.of() };
    expect(emulator.answer({ ...arrived, path: '/' }).status).toBe(404);
    expect(emulator.answer({ ...arrived, path: '/gw.k/more' }).status).toBe(404);
  });

  it('percent-escapes, a plus as itself, and the harmless protocol parameter', () => {
    const { ask, state } = createGateway();
    state.changePassword('acme_owner', 'a+b &=%ü');
    const rest = '&uid=acme_owner&kill=auth&protocol=xml-rpc';
    expect(ask(`api=login${rest}&pswd=${encodeURIComponent('a+b &=%ü')}`).rc).toBe(0);
    expect(ask(`api=login${rest}&pswd=a+b%20%26%3D%25%C3%BC`).rc).toBe(0);
    state.knobs.plusIsSpace = true;
    expect(ask(`api=login${rest}&pswd=a+b%20%26%3D%25%C3%BC`).rc).toBe(4);
    expect(ask(`api=login${rest}&pswd=a%2Bb+%26%3D%25%C3%BC`).rc).toBe(0);
  });

  it('GET for logging in and out, as production clients do', () => {
    const { ask, state } = createGateway();
    const owner = 'uid=acme_owner&pswd=ownerPass1';
    expect(ask(`api=login&${owner}&kill=possess`, { method: 'GET' }).rc).toBe(0);
    expect(ask(`api=samstatus&${pool}`, { method: 'GET' })).toMatchObject({ rc: 9, msg: 'Bad method: GET' });
    state.knobs.byGet = 'nothing';
    expect(ask(`api=login&${owner}&kill=possess`, { method: 'GET' }).rc).toBe(9);
  });

  it('GET, if told to, where no body is due', () => {
    const { ask } = createGateway({ byGet: 'all' });
    expect(ask(`api=flushpool&${pool}`, { method: 'GET' }).rc).toBe(0);
    expect(ask('api=session&uid=acme_m1', { method: 'GET' }).rc).toBe(9);
  });

  it('the name of the call', () => {
    const { emulator } = createTentendata({ clock: () => 0 });
    const arrived = { method: 'POST', path: '/gw.k', headers: {}, body: Buffer.of() };
    const names = ['api=flushpool', 'uid=a&api=samstatus', 'api=toString', '', 'api=%zz'];
    const expected = ['flushpool', 'samstatus', 'unknown', 'unknown', 'unknown'];
    expect(names.map((query) => emulator.callOf({ ...arrived, query }))).toEqual(expected);
  });
});

describe('the state', () => {
  it('goes back to the seed and the first knobs; old sids stay invalid', () => {
    const { ask, enter, state } = createGateway({ busyRc: 1 });
    const session = enter('acme_m1', 'poolPass1');
    const before = state.pool('acme_pool');
    ask(`api=resetpool&${pool}`);
    state.knobs.busyRc = 41;
    state.changePassword('acme_owner', 'other');
    state.reset();
    expect(state.knobs.busyRc).toBe(1);
    expect(state.pool('acme_pool')).toEqual(before);
    expect(ask(`api=clear&${session}`).rc).toBe(35);
    expect(ask(`api=flushpool&${pool}`).rc).toBe(0);
  });

  it('says which name it does not know', () => {
    const { state } = createGateway();
    expect(() => state.pool('nowhere')).toThrow('there is no pool nowhere');
    expect(() => state.session('nobody')).toThrow('there is no uid nobody');
    expect(() => {
      state.reluid('acme_pool', 'acme_m4');
    }).toThrow('acme_m4 is not taken in acme_pool');
  });

  it('lets applications come and go', () => {
    const { state } = createGateway();
    expect(state.getuid('acme_pool')).toBe('acme_m4');
    state.login('acme_m6');
    state.logout('acme_m5');
    state.reluid('acme_pool', 'acme_m1');
    const taken = state.pool('acme_pool').map(({ taken, loggedIn }) => [taken, loggedIn]);
    expect(taken).toEqual([
      [false, true],
      [true, true],
      [true, true],
      [true, true],
      [false, false],
      [false, true],
    ]);
  });
});
