import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { administer } from './admin.ts';
import type { ActionInput } from './admin.ts';
import { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import type { Listener } from './listener.ts';
import { exchange } from './spec-client.ts';

const json = { 'Content-Type': 'application/json' };

let faults: Faults;
let journal: Journal;
let resets: number;
let admin: Listener;

beforeEach(async () => {
  faults = new Faults();
  journal = new Journal(() => 0);
  resets = 0;
  const actions = {
    echo: (input: ActionInput) => input,
    later: () => Promise.resolve({ done: true }),
    refuse: () => {
      throw new Error('no such pool');
    },
  };
  const reset = () => {
    resets += 1;
  };
  admin = await administer({ faults, journal, vendors: ['1010data', 'dcs'], actions: { '1010data': actions }, reset });
});

afterEach(() => admin.close());

async function ask(route: string, value?: unknown) {
  const [method = '', path = ''] = route.split(' ');
  const body = value === undefined ? {} : { headers: json, body: JSON.stringify(value) };
  const seen = await exchange(`${admin.url}${path}`, { method, ...body });
  return { status: seen.status, value: seen.body === '' ? undefined : (JSON.parse(seen.body) as unknown) };
}

describe('the admin routes', () => {
  it('switch faults', async () => {
    const html = { kind: 'html', vendor: 'dcs', call: 'scan', times: 1 };
    const slow = { kind: 'latency', milliseconds: 5 };
    expect(await ask('POST /faults', html)).toEqual({ status: 200, value: [html] });
    expect(await ask('PUT /faults', [slow, html])).toEqual({ status: 200, value: [slow, html] });
    expect(await ask('GET /faults')).toEqual({ status: 200, value: [slow, html] });
    expect(await ask('DELETE /faults')).toEqual({ status: 204, value: undefined });
    expect(faults.list()).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{}, '[0].kind: must be one of latency, '],
    [[], '[0]: must be an object'],
    [{ kind: 'html', vendor: 'ecs' }, '[0].vendor: must be one of *, 1010data, dcs'],
    [{ kind: 'html', time: 1 }, '[0].time: is no member of html'],
    [{ kind: 'html', times: 0 }, '[0].times: must be a whole number from 1 to 1000000'],
    [{ kind: 'latency' }, '[0].milliseconds: is needed by latency'],
    [{ kind: 'status', status: 418 }, '[0].status: must be one of 500, 502, 503, 504'],
    [
      { kind: 'too-big', bytes: 1.5, x: 1 },
      '[0].bytes: must be a whole number from 0 to 67108864; [0].x: is no member',
    ],
    [{ kind: 'html', executed: 'yes' }, '[0].executed: must be true or false'],
    [{ kind: 'redirect', location: 'a\r\nb' }, '[0].location: must be printable'],
    [{ kind: 'constructor' }, '[0].kind: must be one of'],
  ])('refuse the fault %j', async (fault, message) => {
    const { status, value } = await ask('POST /faults', fault);
    expect(status).toBe(400);
    expect((value as { error: string }).error).toContain(message);
    expect(faults.list()).toEqual([]);
  });

  it('refuse a whole list for one mistake', async () => {
    faults.add({ kind: 'html' });
    expect(await ask('PUT /faults', [{ kind: 'html' }, { kind: 'htm' }])).toMatchObject({ status: 400 });
    expect(await ask('PUT /faults', { kind: 'html' })).toMatchObject({ status: 400 });
    expect(await ask('PUT /faults')).toMatchObject({ status: 400 });
    expect(faults.list()).toEqual([{ kind: 'html' }]);
  });

  it('show and clear the journal', async () => {
    const raw = { method: 'POST', path: '/gw.k', query: 'api=x&pswd=geheim', headers: {}, body: Buffer.of() };
    journal.open('1010data', 'x', journal.nextConnection(), raw);
    const { value } = await ask('GET /journal');
    expect(value).toMatchObject([{ number: 1, at: '1970-01-01T00:00:00.000Z', target: '/gw.k?api=x&pswd=***' }]);
    expect((await ask('DELETE /journal')).status).toBe(204);
    expect(journal.all()).toEqual([]);
  });

  it('reset', async () => {
    expect((await ask('POST /reset')).status).toBe(204);
    expect(resets).toBe(1);
  });

  it('act on a vendor', async () => {
    expect(await ask('POST /1010data/echo', { a: 1 })).toEqual({ status: 200, value: { a: 1 } });
    expect(await ask('POST /1010data/echo')).toEqual({ status: 200, value: {} });
    expect(await ask('POST /1010data/later')).toEqual({ status: 200, value: { done: true } });
    expect(await ask('POST /1010data/refuse')).toEqual({ status: 400, value: { error: 'no such pool' } });
    expect(await ask('POST /1010data/echo', [])).toMatchObject({ status: 400 });
  });

  it('refuse what is not there, not JSON, or not called so', async () => {
    expect((await ask('GET /nowhere')).status).toBe(404);
    expect((await ask('PATCH /faults')).status).toBe(404);
    expect((await exchange(`${admin.url}/faults`, { body: '[', headers: json })).status).toBe(400);
    expect((await exchange(`${admin.url}/faults`, { body: '[]' })).status).toBe(415);
  });
});
