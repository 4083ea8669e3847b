import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FOREIGN_PROJECT, PROJECT } from '../sandbox/huawei/account.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { until } from './until.ts';
import { lookOf, openGateway, operationOf, problemOf, type Config, type Gateway } from './gateway.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
});

afterAll(async () => {
  await vendors.close();
});

beforeEach(() => {
  vendors.reset();
});

afterEach(() => gateway.close());

/** A gateway that knows the region of its project, and not the id. */
async function open(signed: boolean, region: string = PROJECT.name): Promise<void> {
  const change = ({ connections }: Config): void => {
    const connection = connections['huawei']!;
    delete connection['projectId'];
    Object.assign(connection, { region });
    if (signed) Object.assign(connection['endpoints'] as object, { iam: vendors.urls.iam });
  };
  gateway = await openGateway({ vendors, signed, change });
}

const asked = () => vendors.journal.all().filter(({ vendor }) => vendor === 'iam');
const elsewhere = () => vendors.journal.all().filter(({ vendor }) => vendor !== 'iam');
const look = (target: string) => gateway.call('GET', `/processes?target=${target}&limit=0`);
const metric = async (series: string): Promise<number> => {
  const { text } = await gateway.call('GET', '/metrics', { key: 'sandbox-viewer-key' });
  return Number(new RegExp(`^${series} (\\d+)$`, 'm').exec(text.replaceAll(/[{}]/g, '|'))?.[1]);
};
const lookups = (outcome: string) =>
  metric(`sluice_project_lookups_total\\|connection="huawei",outcome="${outcome}"\\|`);

describe.each([
  ['an access key', true],
  ['a password', false],
])('a project that is found by its region, by %s', (_by, signed) => {
  it('is asked for once, before anything is sent elsewhere, and named in every call', async () => {
    await open(signed);
    const answers = await Promise.all(['ledger', 'orders', 'carts', 'profiles'].map(look));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const killed = await gateway.call('DELETE', '/processes?target=orders&user=web&first=1');
    expect(operationOf(killed).counts).toMatchObject({ ended: 1 });
    const [first, ...more] = asked();
    expect(more).toEqual([]);
    expect(first).toBe(vendors.journal.all()[0]);
    expect(new Set(elsewhere().map(({ raw }) => raw.path.split('/')[2]))).toEqual(new Set([PROJECT.id]));
    const named = elsewhere().map(({ raw }) => raw.headers['x-project-id']);
    expect(new Set(named)).toEqual(new Set([signed ? PROJECT.id : undefined]));
    if (!signed) {
      expect(first?.raw.body.toString()).toContain(`"scope":{"project":{"name":"${PROJECT.name}"}}`);
      return;
    }
    expect([first?.method, first?.target]).toEqual(['GET', `/v3/projects?name=${PROJECT.name}`]);
    expect(first?.raw.headers).not.toHaveProperty('x-project-id');
    expect(first?.raw.headers['authorization']).toMatch(/^SDK-HMAC-SHA256 Access=SANDBOXACCESSKEY0001, /);
    expect([await lookups('ok'), await lookups('upstream-rejected')]).toEqual([1, 0]);
  });

  it('is asked for again after an error, and nothing is sent before it is known', async () => {
    await open(signed);
    vendors.faults.add({ vendor: 'iam', kind: 'html', times: 1 });
    const failed = await look('orders');
    expect([failed.status, problemOf(failed).code]).toEqual([502, 'upstream-malformed']);
    expect(problemOf(failed).detail).toContain(`for the region ${PROJECT.name}: `);
    expect(elsewhere()).toEqual([]);
    const told = (await gateway.call('GET', '/targets/orders')).body as { health: object };
    expect(told.health).toMatchObject({ state: 'failing', code: 'upstream-malformed' });
    // It is left alone for a second.
    await until(
      () => look('orders'),
      ({ status }) => status === 200,
    );
    expect(asked()).toHaveLength(2);
  });

  it('ends nothing where there is none', async () => {
    await open(signed, 'eu-west-101');
    const refused = await gateway.call('DELETE', '/processes?target=orders&id=2075425');
    expect([refused.status, problemOf(refused).code]).toEqual([502, 'upstream-rejected']);
    expect(problemOf(refused).detail).toContain('for the region eu-west-101');
    expect(elsewhere()).toEqual([]);
  });

  it('is the one of that region', async () => {
    await open(signed, FOREIGN_PROJECT.name);
    expect((await look('orders')).status).toBe(502);
    expect(new Set(elsewhere().map(({ raw }) => raw.path.split('/')[2]))).toEqual(new Set([FOREIGN_PROJECT.id]));
  });
});

describe('an access key', () => {
  const project = (id: string, name: string = PROJECT.name) => ({ id, name, enabled: true });
  const other = '0'.repeat(32);

  it.each([
    ['none', [], /knows no project of that name.*Configure its projectId/],
    ['others', [project(other, 'ap-southeast-1_dev')], /knows no project of that name/],
    ['several', [project(PROJECT.id), project(other)], /has several projects of that name.*Configure its projectId/],
    ['one without a usable id', [project('../../v3')], /does not tell the id of the project ap-southeast-1/],
  ])('guesses no project where IAM tells %s', async (_what, projects, words) => {
    await open(true);
    const body = JSON.stringify({ projects });
    vendors.faults.add({ vendor: 'iam', kind: 'reply', status: 200, body, contentType: 'application/json' });
    const failed = await look('carts');
    expect([failed.status, problemOf(failed).detail]).toEqual([502, expect.stringMatching(words)]);
    expect(problemOf(failed).detail).toContain('no project id for the region ap-southeast-1');
    expect(elsewhere()).toEqual([]);
  });

  it('takes the right one of several that IAM tells', async () => {
    await open(true);
    const body = JSON.stringify({ projects: [project(other, 'cn-north-4'), project(PROJECT.id)] });
    vendors.faults.add({ vendor: 'iam', kind: 'reply', status: 200, body, contentType: 'application/json' });
    expect(lookOf(await look('carts')).targets).toMatchObject([{ status: 'ok' }]);
    expect(new Set(elsewhere().map(({ raw }) => raw.path.split('/')[2]))).toEqual(new Set([PROJECT.id]));
  });

  it('that is refused is not tried again at once, since that would lock it', async () => {
    await open(true);
    const refusal = JSON.stringify({ error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information' });
    vendors.faults.add({ vendor: 'iam', kind: 'reply', status: 401, body: refusal, contentType: 'application/json' });
    for (const target of ['carts', 'orders', 'ledger']) expect((await look(target)).status).toBe(502);
    expect([asked().length, elsewhere().length, await lookups('upstream-rejected')]).toEqual([1, 0, 1]);
  });
});
