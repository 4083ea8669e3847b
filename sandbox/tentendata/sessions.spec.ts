import { describe, expect, it } from '@jest/globals';
import { createGateway } from './spec-gateway.ts';

const user = 'uid=acme_owner&pswd=ownerPass1';
const settings = '<in><inf2na>on</inf2na></in>';

describe('login', () => {
  it('starts a session and shows what the vendor shows', () => {
    const { ask, state } = createGateway();
    const { text } = ask(`api=login&${user}&kill=no`);
    const session = state.session('acme_owner');
    expect(session?.sid).toMatch(/^\d{9}$/);
    expect(session?.encryptedPassword).toMatch(/^_{7}[0-9a-f]{48}$/);
    expect(text).toBe(
      `<out><rc>0</rc><sid>${session?.sid ?? ''}</sid><pswd>${session?.encryptedPassword ?? ''}</pswd>` +
        '<msg>Last login was: 2024-01-31 08:00:00</msg><version>prime-17.35</version></out>',
    );
  });

  it.each([
    ['yes', 0, 'new'],
    ['', 0, 'new'],
    ['no', 5, 'same'],
    ['possess', 0, 'same'],
    ['auth', 0, 'same'],
  ])('with kill=%s meets a session: rc %i, the session is the %s', (kill, rc, which) => {
    const { ask, enter, state } = createGateway();
    const old = enter('acme_owner', 'ownerPass1');
    const { sid } = state.session('acme_owner') ?? {};
    expect(ask(`api=login&${user}${kill && `&kill=${kill}`}`).rc).toBe(rc);
    expect(state.session('acme_owner')?.sid === sid).toBe(which === 'same');
    expect(ask(`api=clear&${old}`).rc).toBe(which === 'same' ? 0 : 35);
  });

  it.each([
    ['yes', true],
    ['no', true],
    ['possess', true],
    ['auth', false],
  ])('with kill=%s meets no session: starts one: %s', (kill, starts) => {
    const { ask, state } = createGateway();
    const { rc, text } = ask(`api=login&${user}&kill=${kill}`);
    expect(rc).toBe(0);
    expect(text.includes('<sid>')).toBe(starts);
    expect(state.session('acme_owner') !== null).toBe(starts);
  });

  it('by possess keeps the settings, and may rotate the password', () => {
    const { ask, enter, state } = createGateway();
    const first = enter('acme_owner', 'ownerPass1');
    expect(ask(`api=session&${first}`, { body: settings }).rc).toBe(0);
    expect(enter('acme_owner', 'ownerPass1')).toBe(first);
    expect(state.session('acme_owner')?.settings).toEqual({ inf2na: 'on' });
    state.knobs.possessRotatesPassword = true;
    const second = enter('acme_owner', 'ownerPass1');
    expect(ask(`api=clear&${first}`).rc).toBe(35);
    expect(ask(`api=clear&${second}`).rc).toBe(0);
  });

  it('by auth may show the session', () => {
    const { ask, enter } = createGateway({ authReply: 'session' });
    enter('acme_owner', 'ownerPass1');
    expect(ask(`api=login&${user}&kill=auth`).text).toContain('<sid>');
  });

  it('meets rc 5 while a session is recycled', () => {
    const { ask, enter, pass } = createGateway({ recycleMilliseconds: 60_000 });
    ask(`api=logout&${enter('acme_owner', 'ownerPass1')}`);
    expect(ask(`api=login&${user}&kill=no`).rc).toBe(5);
    pass(1);
    expect(ask(`api=login&${user}&kill=no`).rc).toBe(0);
  });

  it('is throttled after wrong passwords, for a while', () => {
    const { ask, pass } = createGateway({ throttleAfter: 2 });
    const wrong = 'api=login&uid=acme_owner&pswd=wrong';
    expect([ask(wrong).rc, ask(wrong).rc, ask(wrong).rc]).toEqual([4, 4, 45]);
    expect(ask(`api=login&${user}`).rc).toBe(45);
    pass(5);
    expect(ask(`api=login&${user}`).rc).toBe(0);
  });

  it('meets the limit of its company', () => {
    const { ask } = createGateway({ maxLogins: 5 });
    expect(ask(`api=login&${user}&kill=no`).rc).toBe(38);
    expect(ask('api=login&uid=zeta_owner&pswd=zetaPass1&kill=no').rc).toBe(0);
  });

  it('may leave out the version, and begin with a prolog', () => {
    const { ask } = createGateway({ versionInLogin: false, xmlProlog: true });
    const { text } = ask(`api=login&${user}`);
    expect(text).not.toContain('<version>');
    expect(text).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<out>/);
  });
});

describe('a session', () => {
  it('ends with logout, and its sid with it', () => {
    const { ask, enter, state } = createGateway();
    const session = enter('acme_owner', 'ownerPass1');
    expect(ask(`api=logout&${session}`)).toMatchObject({ rc: 0, msg: 'Logged out' });
    expect(state.session('acme_owner')).toBeNull();
    expect(ask(`api=logout&${session}`)).toMatchObject({ rc: 35, msg: 'Not logged in' });
  });

  it('ends when idle; any call with its sid starts the time anew', () => {
    const { ask, enter, pass } = createGateway();
    const session = enter('acme_owner', 'ownerPass1');
    pass(14);
    expect(ask(`api=clear&${session}`).rc).toBe(0);
    pass(14);
    expect(ask(`api=session&${session}`, { body: settings }).rc).toBe(0);
    pass(15);
    expect(ask(`api=clear&${session}`).rc).toBe(35);
  });

  it('runs one query at a time', () => {
    const { ask, enter, state } = createGateway({ parallel: 'busy' });
    const session = enter('acme_owner', 'ownerPass1');
    state.run('acme_owner');
    expect(ask(`api=clear&${session}`).rc).toBe(38);
    expect(ask(`api=logout&${session}&kill=no`).rc).toBe(38);
    state.knobs.parallel = 'queue';
    expect(ask(`api=clear&${session}`).rc).toBe(0);
    state.run('acme_owner');
    expect(ask(`api=logout&${session}&kill=yes`).rc).toBe(0);
  });

  it('tells its memory when cleared', () => {
    const { ask, enter, state } = createGateway();
    const session = enter('acme_owner', 'ownerPass1');
    const { memory = 0 } = state.session('acme_owner') ?? {};
    expect(ask(`api=clear&${session}`).text).toBe('<out><rc>0</rc><msg>OK</msg><memory>4194304</memory></out>');
    expect(state.session('acme_owner')?.memory).toBeLessThan(memory);
  });

  it('keeps the settings that a call leaves out', () => {
    const { ask, enter, state } = createGateway();
    const session = enter('acme_owner', 'ownerPass1');
    const all = '<in><inf2na>off</inf2na><stepwise>on</stepwise><blocking>3</blocking></in>';
    expect(ask(`api=session&${session}`, { body: all }).msg).toBe('Session parameters set');
    ask(`api=session&${session}`, { body: settings });
    expect(state.session('acme_owner')?.settings).toEqual({ inf2na: 'on', stepwise: 'on', blocking: '3' });
  });
});

describe('the settings', () => {
  it.each([
    ['', 8],
    ['<in/>', 8],
    ['<in></in>', 8],
    ['<settings><inf2na>on</inf2na></settings>', 8],
    ['<in><stepwise>on</stepwise></in>', 8],
    ['<in><inf2na/></in>', 9],
    ['<in><inf2na>yes</inf2na></in>', 9],
    ['<in><inf2na>ON</inf2na></in>', 9],
    ['<in><inf2na>on</inf2na><blocking>11</blocking></in>', 9],
    ['<in><inf2na>on</inf2na><blocking>-1</blocking></in>', 9],
    ['<in><inf2na>on</inf2na><blocking>03</blocking></in>', 9],
    ['<in><inf2na>on</inf2na><blocking></blocking></in>', 9],
    ['<in><inf2na>on</inf2na><other>1</other></in>', 10],
    ['<in><inf2na>on</inf2na><inf2na>on</inf2na></in>', 10],
    ['<in><inf2na><b>on</b></inf2na></in>', 10],
    ['<in>text<inf2na>on</inf2na></in>', 10],
    ['<in><inf2na kind="x">on</inf2na></in>', 12],
    ['<in kind="x"><inf2na>on</inf2na></in>', 12],
    ['<in><inf2na>on</inf2na>', 2],
    ['<in><inf2na>on</in></inf2na>', 2],
    ['<in><inf2na>on</inf2na></in><in/>', 2],
    ['<in><inf2na>on</inf2na></in>x', 2],
    ['<in><inf2na>on & off</inf2na></in>', 2],
    ['<in><inf2na>&on;</inf2na></in>', 2],
    ['<!DOCTYPE in><in><inf2na>on</inf2na></in>', 2],
    ['{"inf2na":"on"}', 2],
    ['<in><inf2na><![CDATA[on]]></inf2na></in>', 2],
    [' <in>\n  <inf2na> on </inf2na>\n  <!-- why not -->\n  <blocking>10</blocking>\n</in>\n', 0],
    ['<?xml version="1.0" encoding="UTF-8"?>\n<in><inf2na>off</inf2na><stepwise>off</stepwise></in>', 0],
  ])('%j: rc %i', (body, rc) => {
    const { ask, enter, state } = createGateway();
    expect(ask(`api=session&${enter('acme_owner', 'ownerPass1')}`, { body, contentType: 'text/xml' }).rc).toBe(rc);
    expect(Object.keys(state.session('acme_owner')?.settings ?? {}).length > 0).toBe(rc === 0);
  });
});
