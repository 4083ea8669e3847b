import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DCS } from '../sandbox/huawei/dcs/seed.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.ts';
import { mutationsOf } from './safeguards-places.ts';

const primary = '18663926eacb443d98dc20f8620f28f2no07';
const replica = '28663926eacb443d98dc20f8620f28f2no07';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(async () => {
  await vendors.close();
});

beforeEach(() => {
  vendors.reset();
});

afterEach(async () => {
  await gateway.close();
});

async function open(target = '', members: object = {}): Promise<void> {
  gateway = await openGateway({
    vendors,
    signed: true,
    change: ({ targets }) => {
      Object.assign(targets.find(({ name }) => name === target) ?? {}, members);
    },
  });
}

/** What the vendor answers to a call from now on, where the request contains that text. */
function tell(call: string, body: unknown, contains?: string, status = 200): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const aim = contains === undefined ? { call } : { call, contains };
  vendors.faults.add({ kind: 'reply', status, contentType: 'application/json', body: text, ...aim });
}

const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const flush = (body: object): Promise<Answer> => gateway.call('POST', '/sessions/flush', { body });
const look = async (query: string) => lookOf(await gateway.call('GET', `/processes?${query}`));

/** The mutating calls that reached a vendor: call and bytes of the body. */
const sent = (): readonly string[] => mutationsOf(vendors).map(([call, body]) => `${call} ${body}`);

const items = (answer: Answer): readonly string[] =>
  operationOf(answer).targets.flatMap((target) =>
    target.items.map(({ id, outcome, why = '' }) => `${id} ${outcome} ${why}`.trim()),
  );

const thread = (id: number, facts: object = {}): object => ({
  id,
  user: 'app',
  host: '10.0.0.7:50123',
  db: 'shop',
  command: 'Sleep',
  time: 4000,
  state: '',
  info: null,
  ...facts,
});
const threads = (...rows: readonly object[]): object => ({ processes: rows, total_count: rows.length });

describe('an id without node', () => {
  beforeEach(async () => {
    await open();
    tell('list-processes', threads(thread(31)), replica);
  });

  it.each(['', '&dryRun=true'])('is not sent where a node that could have it cannot be seen%s', async (more) => {
    tell('list-processes', { error_code: 'DBS.200005', error_msg: 'busy' }, primary, 503);
    const answer = await kill(`target=orders&id=31${more}`);
    expect(items(answer)).toEqual(['31 skipped nodeUnseen']);
    expect(sent()).toEqual([]);
  });

  it.each(['', '&dryRun=true'])('is not sent where the list of a node is not whole%s', async (more) => {
    tell('list-processes', { processes: [thread(7)], total_count: 2 }, `${primary}/processes?offset=0`);
    tell('list-processes', { processes: [], total_count: 2 }, primary);
    const answer = await kill(`target=orders&id=31${more}`);
    expect(items(answer)).toEqual(['31 skipped listCut']);
    expect(sent()).toEqual([]);
  });

  it('is sent where its node is named', async () => {
    tell('list-processes', { error_code: 'DBS.200005', error_msg: 'busy' }, primary, 503);
    tell('delete-processes', { processes_killed: [31], processes_not_found: [] });
    expect(items(await kill('target=orders&id=31&node=replica'))).toEqual(['31 ended']);
    expect(sent()).toEqual(['delete-processes {"processes":[31]}']);
  });
});

describe('an id that no whole list shows', () => {
  it.each([
    ['carts', '9.9.9.9:99'],
    ['ledger', '777'],
  ])('is not sent on %s, whose vendor confirms nothing', async (target, id) => {
    await open();
    const answer = await kill(`target=${target}&id=${id}`);
    expect(items(answer)).toEqual([`${id} skipped notListed`]);
    expect(sent()).toEqual([]);
  });
});

describe('an id', () => {
  it.each([
    ['ledger', '0140000000000005'],
    ['ledger', '18446744073709551616'],
    ['orders', '031'],
    ['orders', '9223372036854775808'],
    ['carts', 'fd00::1:6379'],
    ['carts', '010.0.0.1:6379'],
  ])('of %s is not spelled %s', async (target, id) => {
    await open();
    const answer = await kill(`target=${target}&id=${id}`);
    expect([answer.status, problemOf(answer).code]).toEqual([400, 'invalid-request']);
    expect(vendors.journal.all()).toEqual([]);
  });

  it('is the same however the address is written, and sent as the vendor writes it', async () => {
    await open();
    const row = { id: '5', flags: 'N', age: 100, idle: 90, db: '0', cmd: 'get', multi: -1 };
    const clients = [
      { ...row, addr: '[fd00::1]:6379', peer: '[fd00::1]:6379', flags: 'S' },
      { ...row, addr: '[fd00::2]:6379', peer: '[fd00::2]:6379' },
    ];
    tell('list-clients', { time: '1', clients, count: 2 }, DCS.nodeId);
    const { items: shown } = await look('target=carts&id=[FD00::2]:6379');
    expect(shown.map(({ id }) => id)).toContain('[fd00::2]:6379');
    const [{ node } = { node: '' }] = shown;
    const answer = await kill(`target=carts&node=${String(node)}&id=[FD00::1]:6379&id=[fd00:0::2]:6379`);
    expect(items(answer)).toEqual(['[fd00::1]:6379 skipped protected', '[fd00::2]:6379 ended']);
    expect(sent()).toEqual([`kill-clients {"node_id":"${String(node)}","client_addrs":["[fd00::2]:6379"]}`]);
  });
});

describe('a host as MySQL writes it', () => {
  beforeEach(async () => {
    await open();
    tell(
      'list-processes',
      threads(
        thread(1, { host: '2001:db8::5:50123' }),
        thread(2, { host: '2001:db8::6:50123' }),
        thread(3, { host: '?:0' }),
      ),
      primary,
    );
    tell('list-processes', threads(), replica);
    tell('delete-processes', { processes_killed: [2], processes_not_found: [] });
  });

  it('is excluded by its address, and so is one that nobody can read', async () => {
    await kill('target=orders&user=app&client=!2001:db8::5');
    expect(sent()).toEqual(['delete-processes {"processes":[2]}']);
  });

  it('is found by its address in any spelling, and shown with brackets', async () => {
    const found = await look('target=orders&client=2001:DB8:0::5');
    expect(found.items.map(({ id, client }) => [id, client])).toEqual([['1', '[2001:db8::5]:50123']]);
  });
});

describe('a clock that cannot be', () => {
  it('fits no minimum and no graceful flush', async () => {
    await open();
    tell('list-processes', threads(thread(1, { time: 4_294_967_295 }), thread(2, { time: 4000 })), primary);
    tell('list-processes', threads(), replica);
    tell('delete-processes', { processes_killed: [2], processes_not_found: [] });
    await kill('target=orders&state=idle&minIdleSeconds=3000');
    await flush({ targets: ['orders'] });
    expect(sent()).toEqual(['delete-processes {"processes":[2]}', 'delete-processes {"processes":[2]}']);
  });
});

const session = (id: number, facts: object = {}): object => ({
  session_id: String(id),
  state: 'idle',
  user_name: 'ledger',
  client_ip: '10.0.0.9',
  client_port: 40_000 + id,
  database_name: 'postgres',
  application_name: 'billing',
  ...facts,
});

describe('sessions of GaussDB', () => {
  const coordinator = 'cn_5001';
  const ordinary = Array.from({ length: 15 }, (_, at) => session(at + 1));

  async function listed(sessions: readonly object[], members: object = {}): Promise<void> {
    await open('ledger', members);
    tell('real-time-session', { sessions }, coordinator);
    tell('real-time-session', { sessions: [] });
    tell('kill-session', { success: true });
  }

  it('that serve logical replication, or nobody, are protected', async () => {
    const apply = session(7000, {
      user_name: 'repl_owner',
      client_ip: null,
      client_port: null,
      application_name: 'ApplyWorker',
    });
    const own = session(7001, { user_name: null, client_ip: null, client_port: null, application_name: 'NewThread' });
    await listed([...ordinary, apply, own]);
    await kill('target=ledger&user=repl_owner&state=idle');
    const flushed = await flush({ targets: ['ledger'], mode: 'forced' });
    expect(operationOf(flushed).counts).toMatchObject({ ended: 15, skipped: 2 });
    expect(sent().join()).not.toMatch(/700[01]/);
  });

  it('are spared by their path', async () => {
    const daily = session(20, { application_name: 'C:\\Reports\\daily.exe' });
    const batch = session(21, { application_name: 'D:\\Batch\\run.exe' });
    await listed([session(1), daily, batch], { protect: [{ application: 'D:\\Batch\\\\*' }] });
    const query = `target=ledger&user=ledger&application=${encodeURIComponent('!C:\\Reports\\\\*')}`;
    const planned = operationOf(await kill(`${query}&dryRun=true`));
    expect(planned.filterText).toContain('is not "C:\\Reports\\" *');
    await kill(query);
    expect(sent()).toHaveLength(1);
    expect(sent()[0]).toContain('"session_ids":["1"]');
  });

  it('that stand in three rows are one', async () => {
    const rows = [1, 2, 3].map((thread) => session(30, { smp_id: thread, lwt_id: thread }));
    await listed([...ordinary, ...rows]);
    expect((await look('target=ledger&id=30')).targets).toMatchObject([{ matched: 1, connected: 16 }]);
    const answer = await kill('target=ledger&id=30');
    expect(operationOf(answer).counts.ended).toBe(1);
    expect(sent()[0]).toContain('"session_ids":["30"]');
  });
});

describe('the clients of DCS', () => {
  it('are in a transaction if their flags say so, whatever the number of commands', async () => {
    await open();
    const row = { id: '5', age: 100, idle: 90, db: '0', cmd: 'get' };
    const clients = [
      { ...row, addr: '10.0.0.1:1', peer: '10.0.0.1:1', flags: 'N', multi: 1 },
      { ...row, addr: '10.0.0.1:2', peer: '10.0.0.1:2', flags: 'x', multi: 1 },
      { ...row, addr: '10.0.0.1:3', peer: '10.0.0.1:3', multi: 1 },
      { ...row, addr: '10.0.0.1:4', peer: '10.0.0.1:4', multi: -1 },
    ];
    tell('list-clients', { time: '1', clients, count: 4 });
    const { items: shown } = await look('target=carts');
    expect(shown.slice(0, 4).map(({ state }) => state)).toEqual([
      'idle',
      'idleInTransaction',
      'idleInTransaction',
      'idle',
    ]);
  });

  it('that stand in two rows are one, however their address is spelled: the protected row wins', async () => {
    await open();
    const row = { id: '5', age: 100, idle: 90, db: '0', cmd: 'get' };
    const clients = [
      { ...row, addr: '[FD00::1]:5', peer: '[FD00::1]:5', flags: 'N' },
      { ...row, addr: '[fd00:0:0::1]:5', peer: '[fd00:0:0::1]:5', flags: 'S' },
    ];
    tell('list-clients', { time: '1', clients, count: 2 }, DCS.nodeId);
    const answer = await kill('target=carts&id=%5Bfd00::1%5D:5');
    expect([answer.status, problemOf(answer).code, sent()]).toEqual([403, 'protected', []]);
  });

  it('whose flags stand twice in a row are not read, and not ended', async () => {
    await open();
    const row =
      '{"id":"5","age":100,"idle":90,"db":"0","addr":"10.0.0.1:1","peer":"10.0.0.1:1","flags":"N","flags":"S"}';
    tell('list-clients', `{"time":"1","count":1,"clients":[${row}]}`, DCS.nodeId);
    const answer = await kill('target=carts&id=10.0.0.1:1');
    expect(items(answer)).toEqual(['10.0.0.1:1 skipped listCut']);
    expect(sent()).toEqual([]);
  });
});
