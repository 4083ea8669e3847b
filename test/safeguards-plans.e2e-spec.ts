import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, operationOf, problemOf, type Answer, type Config, type Gateway } from './gateway.ts';
import { coordinator, coordinatorNode, mutationsOf, primary, threadsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(() => {
  vendors.reset();
});

afterEach(() => gateway.close());

/** Opens a gateway whose targets of these names have these members too. */
async function open(members: Readonly<Record<string, object>> = {}): Promise<void> {
  const change = ({ targets }: Config): void => {
    for (const target of targets) Object.assign(target, members[target.name]);
  };
  gateway = await openGateway({ vendors, signed: true, change });
}

const kill = (query: string, key?: string): Promise<Answer> =>
  gateway.call('DELETE', `/processes?${query}`, key === undefined ? {} : { key });
const flush = (body: object): Promise<Answer> => gateway.call('POST', '/sessions/flush', { body });
const planOf = (answer: Answer): string => operationOf(answer).plan?.id ?? 'there is none';
const outcomes = (answer: Answer) =>
  operationOf(answer).targets.flatMap(({ items }) => items.map(({ id, outcome, why }) => [id, outcome, why]));
const sentIds = () =>
  mutationsOf(vendors).flatMap(([, body]) => {
    // As text, since ids are beyond 2^53.
    const ids = /"(?:processes|session_ids)":\[([^\]]*)\]/.exec(body)?.[1] ?? '';
    return ids.match(/\d+/g) ?? [];
  });
const addThread = (wish: object) => vendors.huawei.taurusdb.addThread(primary, wish).id.toString();
/** Another session under the id of one that is gone. */
function replaceThread(id: bigint, wish: object): void {
  vendors.huawei.taurusdb.removeThread(primary, id);
  vendors.huawei.taurusdb.addThread(primary, { id, ...wish });
}

const processesPath = '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes';
const filter = 'target=orders&node=primary&user=batch&user=root&user=rds*';

describe('a dry run of a kill', () => {
  it('tells whom, who is left alone and why, by which calls, and in words', async () => {
    await open({ orders: { protect: [{ user: 'root', database: 'orders' }] } });
    const answer = await kill(`${filter}&dryRun=true&reason=try`);
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-state': 'planned' } });
    const told = operationOf(answer);
    expect(told.victims?.map(({ target, node, id, user }) => [target, node, id, user])).toEqual([
      ['orders', 'primary', expect.stringMatching(/^\d+$/), 'batch'],
      ['orders', 'primary', '9007199254740993', 'batch'],
    ]);
    // Nobody can say that a thread without a database uses another one.
    expect(told.protected?.map(({ user, why }) => [user, why]).toSorted()).toEqual([
      ['rdsAdmin', 'vendor'],
      ['rdsRepl', 'replication'],
      ['root', 'configured'],
      ['root', 'configured'],
    ]);
    expect(told.calls).toEqual([
      { target: 'orders', node: 'primary', call: 'delete-processes', method: 'DELETE', path: processesPath, ids: 2 },
    ]);
    expect(told.filterText).toBe('at primary; user is batch or root or rds*, on orders');
    expect([told.refusal, told.planNote]).toEqual([null, null]);
    expect(told.plan?.id).toMatch(/^plan_[0-9a-z]+$/);
    const left = Date.parse(told.plan?.expiresAt ?? '') - Date.now();
    expect(left > 100_000 && left <= 120_000).toBe(true);
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it('tells all ids, the first hundred in full, and each batch', async () => {
    await open({ orders: { maxProcesses: 200, maxShare: 1 } });
    for (let added = 0; added < 110; added += 1) addThread({ user: 'many' });
    const { victims = [], calls = [] } = operationOf(await kill('target=orders&user=many&dryRun=true'));
    expect(victims).toHaveLength(110);
    expect(victims.map((victim) => 'user' in victim)).toEqual(Array.from({ length: 110 }, (_, at) => at < 100));
    expect(Object.keys(victims[109] ?? {}).toSorted()).toEqual(['id', 'node', 'target']);
    expect(calls.map(({ ids }) => ids)).toEqual([20, 20, 20, 20, 20, 10]);
  });

  it('tells why the call would be refused, and then leaves no plan', async () => {
    await open({ orders: { maxProcesses: 1, killsPerMinute: 1 }, ledger: { readOnly: true } });
    const many = operationOf(await kill('target=orders&node=primary&user=batch&dryRun=true'));
    expect(many.refusal).toMatchObject({ code: 'too-many-processes', status: 422 });
    expect(many).toMatchObject({ plan: null, planNote: expect.stringContaining('refused'), state: 'planned' });
    const budget = operationOf(await kill('target=orders&node=primary&id=2075425&id=2075426&dryRun=true'));
    expect(budget).toMatchObject({ refusal: { code: 'kill-budget-exhausted' }, plan: null });
    const readOnly = operationOf(await kill('target=ledger&user=root&dryRun=true'));
    expect(readOnly).toMatchObject({ refusal: { code: 'read-only', status: 409 }, plan: null });
    const spared = operationOf(await kill('target=orders&node=primary&id=3000001&dryRun=true'));
    expect(spared).toMatchObject({ refusal: { code: 'protected', status: 403 }, plan: null, victims: [] });
    expect(spared.protected).toMatchObject([{ id: '3000001', why: 'vendor' }]);
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it('leaves what nobody saw out of the plan', async () => {
    await open();
    const tried = await kill('target=orders&node=primary&id=2075425&id=77&dryRun=true');
    // Victims are told once, by the dry run as a whole.
    expect(outcomes(tried)).toEqual([['77', 'skipped', 'notListed']]);
    expect(operationOf(tried).victims).toMatchObject([{ id: '2075425' }]);
    expect(operationOf(tried).targets).toMatchObject([{ itemsOmitted: 1 }]);
    expect(outcomes(await kill(`plan=${planOf(tried)}`))).toEqual([['2075425', 'ended', undefined]]);
    expect(sentIds()).toEqual(['2075425']);
  });
});

describe('a plan', () => {
  it('ends exactly its victims, and says who and why', async () => {
    await open();
    const tried = await kill(`${filter}&dryRun=true`);
    const victims = operationOf(tried).victims?.map(({ id }) => id) ?? [];
    expect(victims).toHaveLength(4);
    const answer = await kill(`plan=${planOf(tried)}&reason=agreed&onBehalfOf=sue`);
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-completed': 'true' } });
    expect(operationOf(answer)).toMatchObject({ reason: 'agreed', onBehalfOf: 'sue', counts: { ended: 4 } });
    expect(sentIds()).toEqual(victims);
    expect(threadsOf(vendors).has('3000001')).toBe(true);
  });

  it('can be used again where nothing was done and the same call may be sent again', async () => {
    await open();
    const tried = await kill(`${filter}&dryRun=true`);
    vendors.faults.add({ kind: 'status', vendor: 'taurusdb', call: 'list-processes', status: 503 });
    const failed = await kill(`plan=${planOf(tried)}`);
    expect([failed.status, problemOf(failed).retryable]).toEqual([503, true]);
    vendors.faults.clear();
    expect(await kill(`plan=${planOf(tried)}`)).toMatchObject({ status: 200, headers: { 'sluice-completed': 'true' } });
    expect((await kill(`plan=${planOf(tried)}`)).status).toBe(410);
    expect(sentIds()).toHaveLength(4);
  });

  it('ends nobody else: not who came since, who is another under the same id, who is gone, or is protected now', async () => {
    await open();
    const [stays, changes, goes, turns] = ['a', 'b', 'c', 'd'].map((user) => addThread({ user: `job_${user}` }));
    const tried = await kill('target=orders&node=primary&user=job_*&dryRun=true');
    expect(operationOf(tried).counts.wouldEnd).toBe(4);
    const newcomer = addThread({ user: 'job_e' });
    replaceThread(BigInt(changes!), { user: 'job_z' });
    vendors.huawei.taurusdb.removeThread(primary, BigInt(goes!));
    const turned = vendors.huawei.taurusdb.threads(primary).find(({ id }) => id.toString() === turns);
    turned!.command = 'Binlog Dump GTID';
    const answer = await kill(`plan=${planOf(tried)}`);
    expect(answer).toMatchObject({ status: 207, headers: { 'sluice-state': 'partial', 'sluice-completed': 'false' } });
    expect(outcomes(answer).toSorted()).toEqual(
      [
        [stays, 'ended', undefined],
        [changes, 'skipped', 'changed'],
        [goes, 'skipped', 'notListed'],
        [turns, 'skipped', 'protected'],
      ].toSorted(),
    );
    expect(sentIds()).toEqual([stays]);
    for (const id of [newcomer, changes, turns]) expect(threadsOf(vendors).has(id!)).toBe(true);
  });

  it('knows a session by its start too', async () => {
    await open();
    const [first, second] = vendors.huawei.gaussdb.sessions(coordinator).filter(({ state }) => state === 'idle');
    const tried = await kill(`target=ledger&node=${coordinatorNode}&id=${first!.id}&id=${second!.id}&dryRun=true`);
    // The same user at the same place, under the same id, connected later.
    first!.startedAt += 60_000;
    const answer = await kill(`plan=${planOf(tried)}`);
    expect(outcomes(answer)).toEqual([
      [first!.id, 'skipped', 'changed'],
      [second!.id, 'ended', undefined],
    ]);
    expect(sentIds()).toEqual([second!.id]);
  });

  it('sends nothing at all if nobody is left', async () => {
    await open();
    const id = addThread({ user: 'job_a' });
    const tried = await kill('target=orders&user=job_*&dryRun=true');
    vendors.huawei.taurusdb.removeThread(primary, BigInt(id));
    const answer = await kill(`plan=${planOf(tried)}`);
    expect([answer.status, outcomes(answer)]).toEqual([207, [[id, 'skipped', 'notListed']]]);
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it.each(['target=ledger', 'id=2075425', 'user=web', 'node=replica', 'minIdleSeconds=1', 'max=5', 'dryRun=true'])(
    'is taken with nothing that is not its own: %s',
    async (more) => {
      await open();
      const plan = planOf(await kill(`${filter}&dryRun=true`));
      const answer = await kill(`plan=${plan}&${more}`);
      expect([answer.status, problemOf(answer).code]).toEqual([400, 'invalid-request']);
      expect(problemOf(answer).errors).toEqual([
        { parameter: more.split('=')[0], message: expect.stringContaining('plan') },
      ]);
      // What was refused did not use it up.
      expect((await kill(`plan=${plan}`)).status).toBe(200);
    },
  );

  it('can be used once, by whoever made it, for the same kind of call', async () => {
    await open();
    const plan = planOf(await kill(`${filter}&dryRun=true`));
    const gone = async (answer: Promise<Answer>): Promise<void> => {
      const { status, body, headers } = await answer;
      expect([status, body, headers['sluice-operation']]).toEqual([
        410,
        expect.objectContaining({ code: 'plan-gone', retryable: false }),
        undefined,
      ]);
    };
    await gone(kill(`plan=${plan}`, demoKeys.admin));
    await gone(flush({ plan }));
    await gone(kill('plan=plan_0123456789abcdefghij'));
    expect(mutationsOf(vendors)).toEqual([]);
    expect((await kill(`plan=${plan}`)).status).toBe(200);
    await gone(kill(`plan=${plan}`));
    await gone(kill(`plan=${plan}&reason=again`));
    expect(mutationsOf(vendors)).toHaveLength(1);
  });

  it('is used by one of many that come at once', async () => {
    await open();
    const plan = planOf(await kill(`${filter}&dryRun=true`));
    const answers = await Promise.all(Array.from({ length: 10 }, () => kill(`plan=${plan}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 410)]);
    expect(mutationsOf(vendors)).toHaveLength(1);
  });

  it('draws on the budget of kills, and is left when that is spent', async () => {
    await open({ orders: { killsPerMinute: 4 } });
    const plan = planOf(await kill(`${filter}&dryRun=true`));
    expect((await kill('target=orders&node=primary&id=2075425')).status).toBe(200);
    expect(problemOf(await kill(`plan=${plan}`)).code).toBe('kill-budget-exhausted');
    expect(sentIds()).toEqual(['2075425']);
  });
});

describe('a dry run of a flush', () => {
  it('that Sluice composes leaves a plan, which spares who came or began to work since', async () => {
    await open();
    const tried = await flush({ targets: ['orders'], node: 'primary', dryRun: true });
    const victims = operationOf(tried).victims?.map(({ id }) => id) ?? [];
    expect(victims.length).toBeGreaterThan(20);
    expect(operationOf(tried)).toMatchObject({
      targets: [{ strategy: 'selective', state: 'planned' }],
      filterText: expect.stringContaining('at primary'),
    });
    const newcomer = addThread({ user: 'web' });
    const working = vendors.huawei.taurusdb.threads(primary).find(({ id }) => id.toString() === victims[3]);
    working!.command = 'Query';
    const answer = await flush({ plan: planOf(tried), reason: 'agreed' });
    expect(answer.status).toBe(207);
    expect(operationOf(answer)).toMatchObject({ kind: 'sessions.flush', mode: 'graceful', reason: 'agreed' });
    expect(sentIds()).toEqual(victims.filter((id) => id !== victims[3]));
    expect(outcomes(answer).filter(([, outcome]) => outcome !== 'ended')).toEqual([[victims[3], 'skipped', 'changed']]);
    expect([threadsOf(vendors).has(newcomer), threadsOf(vendors).has(victims[3]!)]).toEqual([true, true]);
  });

  it('that is forced ends who began to work since as well', async () => {
    await open();
    const tried = await flush({ targets: ['orders'], node: 'replica', mode: 'forced', dryRun: true });
    const victims = operationOf(tried).victims?.map(({ id }) => id) ?? [];
    expect((await flush({ plan: planOf(tried) })).status).toBe(200);
    expect(sentIds()).toEqual(victims);
  });

  it.each([
    ['mode', 'graceful'],
    ['targets', ['ledger']],
    ['dryRun', false],
    ['requireAll', true],
  ])('leaves a plan that is taken with nothing that is not its own: %s', async (member, value) => {
    await open();
    const plan = planOf(await flush({ targets: ['orders'], dryRun: true }));
    const answer = await flush({ plan, [member]: value });
    expect([answer.status, problemOf(answer).errors?.map(({ pointer }) => pointer)]).toEqual([400, [`/${member}`]]);
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it.each<[string, string[], object, string, string[]]>([
    ['flushpool', ['bi-pool'], {}, 'POST /gw.k?api=flushpool', ['bi-pool']],
    [
      'kill-free-session',
      ['ledger'],
      {},
      'POST /v3/{project_id}/instances/{instance_id}/kill-free-session',
      ['ledger', 'ledger', 'ledger'],
    ],
    [
      'clients/kill-all',
      ['carts'],
      { mode: 'forced' },
      'POST /v2/{project_id}/instances/{instance_id}/clients/kill-all',
      ['carts'],
    ],
  ])('by a call of the vendor’s own leaves none, and says why: %s', async (call, targets, more, route, told) => {
    await open();
    const answer = operationOf(await flush({ targets, ...more, dryRun: true }));
    expect(answer.plan).toBeNull();
    expect(answer.planNote).toContain(`"${targets[0]!}"`);
    expect(answer.targets[0]?.planNote).toContain('no plan can fix that');
    const native = answer.calls?.filter((one) => one.call === call) ?? [];
    expect(native.map(({ target }) => target)).toEqual(told);
    expect(native.map(({ method, path, ids }) => [`${method} ${path}`, ids])).toEqual(told.map(() => [route, null]));
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it('fixes the targets that it can, and says which ones it cannot', async () => {
    await open();
    const answer = operationOf(await flush({ targets: ['carts', 'orders'], mode: 'forced', dryRun: true }));
    expect(answer.planNote).toBeNull();
    expect(answer.targets.map(({ target, planNote }) => [target, planNote === undefined])).toEqual([
      ['carts', false],
      ['orders', true],
    ]);
    const members = Object.keys(answer);
    const told = ['counts', 'filterText', 'refusal', 'plan', 'protected', 'victims', 'calls', 'targets'];
    expect(members.filter((one) => told.includes(one))).toEqual(told);
    const used = await flush({ plan: answer.plan?.id, targets: ['carts', 'orders'], mode: 'forced' });
    expect(used.status).toBe(200);
    expect(operationOf(used).targets.map(({ target }) => target)).toEqual(['orders']);
    expect(new Set(mutationsOf(vendors).map(([call]) => call))).toEqual(new Set(['delete-processes']));
  });

  it('leaves a plan of another kind, which is told as that', async () => {
    await open();
    const plan = planOf(await flush({ targets: ['orders'], dryRun: true }));
    const answer = await kill(`plan=${plan}`);
    expect([answer.status, problemOf(answer).code]).toEqual([410, 'plan-gone']);
    expect(problemOf(answer).detail).toContain('one of another kind (sessions.flush)');
  });

  it('leaves one where the configuration protects somebody, so that Sluice chooses', async () => {
    await open({ ledger: { protect: [{ application: 'nightly-report' }] } });
    const tried = await flush({ targets: ['ledger'], mode: 'forced', dryRun: true });
    expect(operationOf(tried)).toMatchObject({ targets: [{ strategy: 'selective' }], planNote: null });
    expect((await flush({ plan: planOf(tried) })).status).toBe(200);
    const left = vendors.huawei.gaussdb.sessions(coordinator).map(({ applicationName }) => applicationName);
    expect(left.toSorted()).toEqual(['nightly-report', 'nightly-report', 'rdsMetric']);
  });
});
