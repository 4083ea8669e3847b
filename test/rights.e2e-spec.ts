import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, operationOf, problemOf, sha256, type Answer, type Config, type Gateway } from './gateway.ts';
import { mutationsOf, threadsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway | undefined;

beforeAll(async () => {
  vendors = await startVendors();
});
beforeEach(() => {
  vendors.reset();
});
afterEach(async () => {
  await gateway?.close();
});
afterAll(() => vendors.close());

/** A gateway whose keys are called as what they grant says. */
async function open(grants: Readonly<Record<string, object>>, change: (config: Config) => void = () => undefined) {
  const opened = await openGateway({
    vendors,
    signed: true,
    change: (config) => {
      config.auth.apiKeys = Object.entries(grants).map(([name, grant]) => ({
        name,
        sha256: sha256(name),
        grants: [{ targets: ['*'], ...grant }],
      }));
      delete config.reason;
      change(config);
    },
  });
  gateway = opened;
  return opened;
}

const told = (answer: Answer): unknown => (answer.status < 300 ? answer.status : problemOf(answer).code);
const victims = (count: number): string =>
  [...threadsOf(vendors)]
    .slice(0, count)
    .map((id) => `&id=${id}`)
    .join('');

describe('actions of a grant', () => {
  const ways: Readonly<Record<string, (on: Gateway, key: string) => Promise<Answer>>> = {
    look: (on, key) => on.call('GET', '/processes?target=orders', { key }),
    kill: (on, key) => on.call('DELETE', `/processes?target=orders&node=primary${victims(1)}`, { key }),
    flush: (on, key) => on.call('POST', '/sessions/flush', { key, body: { targets: ['bi-pool'] } }),
    'flush:forced': (on, key) =>
      on.call('POST', '/sessions/flush', { key, body: { targets: ['bi-pool'], mode: 'forced', reason: 'drill' } }),
    tune: (on, key) =>
      on.call('POST', '/sessions/tune', { key, body: { target: 'bi-user', settings: { infinityToNa: true } } }),
    freeze: (on, key) => on.call('POST', '/freezes', { key, body: { targets: ['ledger'], seconds: 1 } }),
  };
  const names = Object.keys(ways);

  it.each(names)('allow %s alone', async (action) => {
    const on = await open({ own: { actions: [action] } });
    for (const name of names) {
      const answer = await ways[name]!(on, 'own');
      expect([name, told(answer)]).toEqual([name, name === action ? (name === 'freeze' ? 201 : 200) : 'forbidden']);
    }
  });

  it('are named by roles, and add to them', async () => {
    const on = await open({ both: { role: 'viewer', actions: ['flush'] } });
    expect(told(await ways['look']!(on, 'both'))).toBe(200);
    expect(told(await ways['flush']!(on, 'both'))).toBe(200);
    expect(told(await ways['flush:forced']!(on, 'both'))).toBe('forbidden');
    const { body } = await on.call('GET', '/targets/bi-pool', { key: 'both' });
    expect(body).toMatchObject({ may: ['look', 'flush'] });
    expect((await on.call('GET', '/me', { key: 'both' })).body).toMatchObject({
      grants: [{ role: 'viewer', actions: ['flush'], targets: ['*'], statements: false }],
    });
  });

  it('let an auditor read all operations, and end nothing', async () => {
    const on = await open({ ops: { role: 'operator' }, auditor: { actions: ['audit'] }, viewer: { role: 'viewer' } });
    const { id } = operationOf(await ways['flush']!(on, 'ops'));
    expect(operationOf(await on.call('GET', `/operations/${id}`, { key: 'auditor' }))).toMatchObject({ id });
    expect((await on.call('GET', '/operations', { key: 'auditor' })).body).toMatchObject({ items: [{ id }] });
    expect((await on.call('GET', `/operations/${id}`, { key: 'viewer' })).status).toBe(404);
    const before = mutationsOf(vendors).length;
    for (const way of names) expect(told(await ways[way]!(on, 'auditor'))).toBe('forbidden');
    for (const call of ['cancel', 'acknowledge']) {
      const answer = await on.call('POST', `/operations/${id}/${call}`, { key: 'auditor', body: { reason: 'no' } });
      expect([200, 403]).toContain(answer.status);
    }
    expect(mutationsOf(vendors)).toHaveLength(before);
  });
});

describe('caps of a grant', () => {
  it('narrow those of the target', async () => {
    const on = await open({
      few: { role: 'operator', caps: { maxProcesses: 1 } },
      slow: { role: 'operator', caps: { killsPerMinute: 2 } },
      any: { role: 'operator' },
    });
    const filter = '/processes?target=orders&node=primary&minIdleSeconds=1&max=50';
    expect(problemOf(await on.call('DELETE', filter, { key: 'few' }))).toMatchObject({
      code: 'too-many-processes',
      detail: expect.stringContaining('at most 1 a call'),
    });
    expect(mutationsOf(vendors)).toHaveLength(0);
    const kill = (key: string, count: number) =>
      on.call('DELETE', `/processes?target=orders&node=primary${victims(count)}`, { key });
    expect(told(await kill('slow', 3))).toBe('kill-budget-exhausted');
    expect(told(await kill('any', 3))).toBe(200);
    // What others ended is not counted against it.
    expect(told(await kill('slow', 2))).toBe(200);
    expect(told(await kill('slow', 1))).toBe('kill-budget-exhausted');
    expect(told(await kill('any', 1))).toBe(200);
  });
});

describe('a reason', () => {
  const flush = (on: Gateway, more: object) =>
    on.call('POST', '/sessions/flush', { key: 'ops', body: { targets: ['bi-pool'], ...more } });

  it('is needed for a forced flush, unless the configuration says otherwise', async () => {
    const on = await open({ ops: { role: 'operator' } });
    const refused = await flush(on, { mode: 'forced' });
    expect(problemOf(refused)).toMatchObject({
      status: 400,
      code: 'reason-required',
      errors: [{ pointer: '/reason' }],
    });
    expect(mutationsOf(vendors)).toHaveLength(0);
    expect(told(await flush(on, { mode: 'forced', dryRun: true }))).toBe(200);
    expect(told(await flush(on, {}))).toBe(200);
    expect(told(await flush(on, { mode: 'forced', reason: 'drill' }))).toBe(200);
  });

  it.each([
    [
      'a target',
      (config: Config) => {
        config.targets.find(({ name }) => name === 'bi-pool')!['reason'] = 'required';
      },
      ['reason-required', 200],
    ],
    [
      'all',
      (config: Config) => {
        config.reason = 'required';
      },
      ['reason-required', 'reason-required'],
    ],
  ])('is needed by %s', async (_name, change, expected) => {
    const on = await open({ ops: { role: 'operator' } }, change);
    const kill = await on.call('DELETE', `/processes?target=orders&node=primary${victims(1)}`, { key: 'ops' });
    expect([told(await flush(on, {})), told(kill)]).toEqual(expected);
    expect(told(await flush(on, { reason: 'a reload' }))).toBe(200);
  });

  it('is needed by a target that says so, whatever the others say', async () => {
    const on = await open({ ops: { role: 'operator' } }, (config) => {
      config.reason = 'required';
      config.targets.find(({ name }) => name === 'bi-pool')!['reason'] = 'optional';
    });
    expect(told(await flush(on, { mode: 'forced' }))).toBe(200);
    expect(told(await flush(on, { targets: ['bi-pool', 'ledger'] }))).toBe('reason-required');
  });
});
