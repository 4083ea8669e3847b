import { describe, expect, it } from '@jest/globals';
import { createGateway } from './spec-gateway.ts';
import type { Gateway } from './spec-gateway.ts';
import type { SeedMember } from './seed.ts';

const owner = 'uid=acme_owner&pswd=ownerPass1&gid=acme_pool';

/** A pool of one id: T taken, L logged in, M marked, `-` none of them. */
function poolOf(member: string, knobs = {}): Gateway {
  const id: SeedMember = {
    uid: 'acme_m1',
    taken: member.includes('T'),
    loggedIn: member.includes('L'),
    marked: member.includes('M'),
  };
  const users = [
    { uid: 'acme_owner', password: 'ownerPass1', company: 'acme' },
    { uid: 'acme_m1', password: 'poolPass1', company: 'acme' },
  ];
  return createGateway(knobs, { users, pools: [{ gid: 'acme_pool', owner: 'acme_owner', members: [id] }] });
}

function memberOf({ state }: Gateway): string {
  const [member] = state.pool('acme_pool');
  return `${member?.taken ? 'T' : ''}${member?.loggedIn ? 'L' : ''}${member?.marked ? 'M' : ''}` || '-';
}

const events: Readonly<Record<string, (gateway: Gateway) => unknown>> = {
  getuid: (gateway) => gateway.ask(`api=getuid&${owner}`),
  login: (gateway) => gateway.ask('api=login&uid=acme_m1&pswd=poolPass1&kill=possess'),
  reluid: (gateway) => gateway.ask('api=reluid&uid=acme_m1&pswd=poolPass1&gid=acme_pool'),
  'reluid by session': (gateway) => gateway.ask(`api=reluid&${gateway.enter('acme_m1', 'poolPass1')}&gid=acme_pool`),
  logout: (gateway) => gateway.ask(`api=logout&${gateway.enter('acme_m1', 'poolPass1')}`),
  'idle time-out': (gateway) => {
    gateway.pass(15);
  },
  'half an hour': (gateway) => {
    gateway.pass(30);
  },
  flushpool: (gateway) => gateway.ask(`api=flushpool&${owner}`),
  resetpool: (gateway) => gateway.ask(`api=resetpool&${owner}`),
  warmpool: (gateway) => gateway.ask(`api=warmpool&${owner}`),
};

describe('one id of a pool', () => {
  it.each([
    ['-', 'getuid', 'T'],
    ['L', 'getuid', 'TL'],
    ['T', 'login', 'TL'],
    ['-', 'login', 'L'],
    ['TL', 'reluid', 'L'],
    ['T', 'reluid', '-'],
    ['TLM', 'reluid', '-'],
    ['TL', 'reluid by session', 'L'],
    ['TLM', 'reluid by session', '-'],
    ['TL', 'logout', 'T'],
    ['TLM', 'logout', 'T'],
    ['L', 'logout', '-'],
    ['TL', 'idle time-out', 'T'],
    ['L', 'idle time-out', '-'],
    ['TL', 'half an hour', '-'],
    ['T', 'half an hour', 'T'],
    ['TL', 'flushpool', 'TLM'],
    ['TLM', 'flushpool', 'TLM'],
    ['T', 'flushpool', 'TM'],
    ['L', 'flushpool', '-'],
    ['-', 'flushpool', '-'],
    ['TL', 'resetpool', '-'],
    ['TLM', 'resetpool', '-'],
    ['L', 'resetpool', '-'],
    ['-', 'warmpool', 'L'],
    ['T', 'warmpool', 'T'],
    ['TL', 'warmpool', 'TL'],
  ])('%s, %s: %s', (from, event, to) => {
    const gateway = poolOf(from);
    events[event]?.(gateway);
    expect(memberOf(gateway)).toBe(to);
  });

  it('stays reserved for 15 minutes after a logout, and a login stops that clock', () => {
    const gateway = poolOf('TL');
    events['logout']?.(gateway);
    gateway.pass(14);
    expect(memberOf(gateway)).toBe('T');
    events['login']?.(gateway);
    gateway.pass(14);
    expect(memberOf(gateway)).toBe('TL');
    events['logout']?.(gateway);
    gateway.pass(15);
    expect(memberOf(gateway)).toBe('-');
  });

  it('keeps its session while a query runs, whatever time passes or flushpool says', () => {
    const gateway = poolOf('TL');
    gateway.state.run('acme_m1');
    gateway.pass(60);
    events['flushpool']?.(gateway);
    expect(memberOf(gateway)).toBe('TLM');
    expect(gateway.state.session('acme_m1')?.running).toBe(true);
    events['resetpool']?.(gateway);
    expect(gateway.state.session('acme_m1')).toBeNull();
  });

  it.each([
    ['onGetuid', 'L', 'T'],
    ['never', 'L', 'TL'],
  ] as const)('free ids are flushed %s', (flushFree, between, after) => {
    const gateway = poolOf('L', { flushFree });
    events['flushpool']?.(gateway);
    expect(memberOf(gateway)).toBe(between);
    events['getuid']?.(gateway);
    expect(memberOf(gateway)).toBe(after);
  });

  it('may be left taken by warmpool', () => {
    const gateway = poolOf('-', { warmLeavesBusy: true });
    events['warmpool']?.(gateway);
    expect(memberOf(gateway)).toBe('TL');
  });
});

describe('the pool calls', () => {
  it('flush the seeded pool: three are marked, two logged out', () => {
    const { ask } = createGateway();
    expect(ask(`api=flushpool&${owner}`)).toMatchObject({ rc: 0, msg: 'OK' });
    expect(ask(`api=samstatus&${owner}`).text).toBe(
      '<out><rc>0</rc><msg>OK</msg><users>' +
        [1, 2, 3].map((n) => `<user uid="acme_m${n}" loggedin="1" free="0" marked="1"/>`).join('') +
        [4, 5, 6].map((n) => `<user uid="acme_m${n}" loggedin="0" free="1" marked="0"/>`).join('') +
        '</users></out>',
    );
  });

  it('answer the status of an empty pool, and in other shapes', () => {
    const { ask, state } = createGateway();
    const empty = '<out><rc>0</rc><msg>OK</msg><users></users></out>';
    expect(ask('api=samstatus&uid=acme_owner&pswd=ownerPass1&gid=acme_spare').text).toBe(empty);
    state.knobs.samstatusShape = 'elements';
    expect(ask(`api=samstatus&${owner}`).text).toContain(
      '<user><uid>acme_m1</uid><loggedin>1</loggedin><free>0</free><marked>0</marked></user>',
    );
    state.knobs.samstatusShape = 'words';
    expect(ask(`api=samstatus&${owner}`).text).toContain('<id logged_in="no" free="1" mark="no">acme_m6</id>');
    state.knobs.samstatusSupported = false;
    expect(ask(`api=samstatus&${owner}`).rc).toBe(7);
  });

  it('hand out ids until none is free', () => {
    const { ask } = createGateway();
    const handed = [1, 2, 3].map(() => /<uid>(.*)<\/uid>/.exec(ask(`api=getuid&${owner}`).text)?.[1]);
    expect(handed).toEqual(['acme_m4', 'acme_m5', 'acme_m6']);
    expect(ask(`api=getuid&${owner}`)).toMatchObject({ rc: 38, msg: 'System busy, please try again' });
  });

  it.each(['flushpool', 'resetpool', 'samstatus', 'warmpool'])('%s obeys owner and company admin alone', (api) => {
    const { ask, state } = createGateway();
    expect(ask(`api=${api}&${owner}`).rc).toBe(0);
    expect(ask(`api=${api}&uid=acme_admin&pswd=adminPass1&gid=acme_pool`).rc).toBe(0);
    expect(ask(`api=${api}&uid=acme_m1&pswd=poolPass1&gid=acme_pool`).rc).toBe(37);
    expect(ask(`api=${api}&uid=acme_admin&pswd=adminPass1&gid=zeta_pool`).rc).toBe(37);
    expect(ask(`api=${api}&uid=acme_owner&pswd=ownerPass1&gid=nowhere`).rc).toBe(37);
    expect(ask(`api=${api}&uid=acme_owner&pswd=ownerPass1`).rc).toBe(8);
    state.knobs.notOwnerRc = 1;
    const refusal = { rc: 1, msg: 'You are not the owner of this group' };
    expect(ask(`api=${api}&uid=zeta_owner&pswd=zetaPass1&gid=acme_pool`)).toMatchObject(refusal);
  });

  it('getuid obeys the owner alone', () => {
    const { ask } = createGateway();
    expect(ask('api=getuid&uid=acme_admin&pswd=adminPass1&gid=acme_pool').rc).toBe(37);
  });

  it('do not log the owner in', () => {
    const { ask, state } = createGateway();
    for (const api of ['flushpool', 'samstatus', 'warmpool', 'resetpool']) ask(`api=${api}&${owner}`);
    expect(state.session('acme_owner')).toBeNull();
  });

  it('refuse to release what is not taken, or not in that pool', () => {
    const { ask, state } = createGateway({ gidRequiredOnReluid: true });
    const error = { rc: 1, msg: 'Error releasing uid' };
    expect(ask('api=reluid&uid=acme_m4&pswd=poolPass1&gid=acme_pool')).toMatchObject(error);
    expect(ask('api=reluid&uid=acme_m1&pswd=poolPass1&gid=zeta_pool')).toMatchObject(error);
    expect(ask('api=reluid&uid=acme_m1&pswd=poolPass1').rc).toBe(8);
    state.knobs.gidRequiredOnReluid = false;
    expect(ask('api=reluid&uid=acme_m1&pswd=poolPass1').rc).toBe(0);
  });

  it('hand out a nested group, which then cannot log in', () => {
    const users = [{ uid: 'acme_owner', password: 'ownerPass1', company: 'acme' }];
    const nested = { gid: 'acme_inner', owner: 'acme_owner', members: [] };
    const pool = { gid: 'acme_pool', owner: 'acme_owner', members: [{ uid: 'acme_inner' }] };
    const { ask } = createGateway({}, { users, pools: [pool, nested] });
    expect(ask(`api=getuid&${owner}`).text).toContain('<uid>acme_inner</uid>');
    expect(ask('api=login&uid=acme_inner&pswd=poolPass1&kill=no').rc).toBe(4);
  });
});
