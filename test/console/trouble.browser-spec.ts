import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Vendors } from '../../sandbox/vendors.ts';
import type { Operation } from '../../src/core/model/operation.js';
import { demoKeys } from '../gateway.ts';
import { isSkipped, ordinary, patience, startConsole, type Console } from './opened.ts';

jest.setTimeout(patience);

(isSkipped ? describe.skip : describe)('the console, when something goes wrong', () => {
  let opened: Console;
  let vendors: Vendors;
  let page: Page;

  beforeAll(async () => {
    opened = await startConsole(ordinary);
    ({ vendors } = opened);
  });

  afterAll(async () => {
    await opened.close();
  });

  beforeEach(async () => {
    page = await opened.open();
  });

  afterEach(async () => {
    await page.context().close();
    vendors.reset();
    expect(opened.takeErrors()).toEqual([]);
  });

  const rows = (): Locator => page.locator('tbody tr[data-row]');
  const killed = () => vendors.journal.all().filter((one) => one.vendor === 'taurusdb' && one.method === 'DELETE');

  it('says that a plan expired, and makes another', async () => {
    await page.clock.install();
    await opened.signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).waitFor();
    await page.clock.fastForward(61_000);
    await page.getByText('The plan expired. Nothing was done.').waitFor();
    await page.getByRole('button', { name: 'Make a new plan' }).click();
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).waitFor();
    expect(killed()).toEqual([]);
  });

  it('tells what Sluice says of a plan that is gone', async () => {
    await page.goto(`${opened.url}/console/#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000`);
    const planned = page.waitForResponse((response) => response.url().includes('dryRun=true'));
    await opened.signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    const { plan } = (await (await planned).json()) as Operation & { plan: { id: string } };
    const headers = { 'X-API-Key': demoKeys.operator };
    expect((await fetch(`${opened.url}/processes?plan=${plan.id}`, { method: 'DELETE', headers })).status).toBe(200);
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).click();
    await page.getByRole('alert').getByText('plan-gone').waitFor();
    expect(killed()).toHaveLength(1);
  });

  it('says that Sluice does not answer, and goes on once it does', async () => {
    await opened.signIn(page, '#/sessions?target=orders');
    await rows().first().waitFor();
    await page.route('**/processes?*', (route) => route.abort());
    await page.getByText('Sluice does not answer.').waitFor();
    expect(await rows().count()).toBeGreaterThan(10);
    await page.unroute('**/processes?*');
    await page.getByText('Sluice does not answer.').waitFor({ state: 'detached' });
  });

  it('says that a call whose answer is lost may have been carried out, and asks again under the same key', async () => {
    await opened.signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    const keys: (string | undefined)[] = [];
    const end = page.getByRole('button', { name: 'End 2 sessions on orders' });
    await end.waitFor();
    await page.route('**/processes?plan=*', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      await route.fetch();
      await route.abort();
    });
    await end.click();
    await page.getByText('It may have been carried out.').waitFor();
    await page.unroute('**/processes?plan=*');
    page.on('request', (request) => {
      if (request.url().includes('plan=')) keys.push(request.headers()['idempotency-key']);
    });
    await end.click();
    await page.getByText('All that was asked for was done.').waitFor();
    expect([keys.length, new Set(keys).size, killed().length]).toEqual([2, 1, 1]);
  });

  it('says which target failed, and shows the others', async () => {
    vendors.faults.add({ vendor: 'gaussdb', kind: 'status', status: 500 });
    await opened.signIn(page, '#/sessions?target=ledger&target=orders');
    await page.getByText('ledger cannot be seen: ').waitFor();
    expect(await rows().count()).toBeGreaterThan(10);
  });

  it('puts whom nobody can tell of into a colour of its own, and says what to do', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after', times: 1 });
    await opened.signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).click();
    await page.getByText('Nothing is sent twice.').waitFor();
    expect(await page.locator('.chip.tone-unknown').count()).toBeGreaterThan(0);
  });

  it('follows an operation by its events, and reads it by the clock where they cannot be had', async () => {
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/events')) keys.push(request.headers()['x-api-key']);
    });
    const id = await waiting('POST', '/sessions/flush', { targets: ['carts'], mode: 'forced', approval: 'request' });
    await opened.signIn(page, `#/operations/${id}`);
    await page.getByText('It waits for the approval of somebody else.').waitFor();
    expect(keys).toEqual([demoKeys.operator]);
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await act('POST', `/operations/${id}/approve`, {}, demoKeys.admin);
    // Less time than before the record is read by the clock.
    const done = page.getByText('All that was asked for was done.');
    for (let turn = 0; turn < 400 && !(await done.isVisible()); turn += 1) await page.clock.runFor(5);
    await done.waitFor();
    await page.clock.resume();
    await page.route('**/events', (route) => route.abort());
    const other = await waiting('POST', '/sessions/flush', { targets: ['carts'], mode: 'forced', approval: 'request' });
    await page.goto(`${opened.url}/console/#/operations/${other}`);
    await page.getByText('It waits for the approval of somebody else.').waitFor();
    await act('POST', `/operations/${other}/reject`, { reason: 'not now' }, demoKeys.admin);
    await page.getByText('It was not approved, or was taken back.').waitFor();
  });

  it('stops what was not sent yet', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 3000 });
    await opened.signIn(page, '#/preview?do=flush&target=orders&mode=forced');
    await page.getByLabel('Type orders to go on').fill('orders');
    await page.getByLabel('Reason, for the record').fill('failover');
    await page.getByRole('button', { name: /^End \d+ sessions on orders$/ }).click();
    await page.getByRole('button', { name: 'Stop what was not sent yet' }).click();
    await page.getByText('Something was done, and something was not: see below.').waitFor();
    await page.getByText('cancelled', { exact: true }).first().waitFor();
    // The first batch of each of its nodes.
    expect(killed()).toHaveLength(2);
  });

  it('ends rows of several targets by one plan, and says on which of them it failed', async () => {
    await opened.signIn(page, '#/sessions?target=orders&target=carts&state=idle');
    await rows().first().waitFor();
    for (const name of ['orders', 'carts']) {
      await page
        .getByRole('checkbox', { name: new RegExp(`^Select .* on ${name}$`) })
        .first()
        .click();
    }
    await page.getByText('2 sessions on ', { exact: false }).waitFor();
    const looks: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'GET' && request.url().includes('/processes?')) looks.push(request.url());
    });
    await page.clock.install();
    await page.clock.fastForward(20_000);
    expect(looks).toEqual([]);
    await page.getByRole('button', { name: 'Preview ending them' }).click();
    const end = page.getByRole('button', { name: /^End 2 sessions on (orders, carts|carts, orders)$/ });
    await end.waitFor();
    vendors.faults.add({ vendor: 'dcs', kind: 'status', status: 500 });
    await end.click();
    await page.getByText('Something was done, and something was not: see below.').waitFor();
    await page.getByRole('region', { name: 'carts' }).getByText('failed', { exact: true }).first().waitFor();
    await page.getByRole('region', { name: 'orders' }).getByText('1 ended').waitFor();
  });

  it('says that a list is not whole', async () => {
    await page.route('**/processes?*', async (route) => {
      const answer = await route.fetch();
      const look = (await answer.json()) as { targets: object[] };
      await route.fulfill({ response: answer, json: { ...look, targets: look.targets.map(cut) } });
    });
    await opened.signIn(page, '#/sessions?target=orders');
    await page.getByText('The list of orders is not whole: more may be connected.').waitFor();
  });

  async function act(method: string, path: string, body: object, key: string): Promise<Operation> {
    const headers = { 'X-API-Key': key, 'Content-Type': 'application/json' };
    const answer = await fetch(`${opened.url}${path}`, { method, headers, body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as Operation;
  }

  async function waiting(method: string, path: string, body: object): Promise<string> {
    return (await act(method, path, { ...body, reason: 'failover' }, demoKeys.operator)).id;
  }
});

function cut(target: object): object {
  return { ...target, complete: false };
}
