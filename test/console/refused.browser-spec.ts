import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Vendors } from '../../sandbox/vendors.ts';
import type { Operation } from '../../src/core/model/operation.js';
import { mutationsOf } from '../safeguards-places.ts';
import { hashOf, isSkipped, nightKey, ordinary, patience, startConsole, type Console } from './opened.ts';

jest.setTimeout(patience);

(isSkipped ? describe.skip : describe)('the console, where Sluice refuses', () => {
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

  const killed = () => vendors.journal.all().filter((one) => one.vendor === 'taurusdb' && one.method === 'DELETE');

  it('lets nobody flush by force without a reason', async () => {
    await opened.signIn(page, '#/preview?do=flush&target=orders&mode=forced');
    await page.getByLabel('Type orders to go on').fill('orders');
    await page.getByText('A forced flush needs a reason.').waitFor();
    const end = page.getByRole('button', { name: /^End \d+ sessions on orders$/ });
    expect(await end.isDisabled()).toBe(true);
    await page.getByLabel('Reason, for the record').fill('failover');
    await end.click();
    await page.getByText('All that was asked for was done.').waitFor();
    expect(killed().length).toBeGreaterThan(0);
  });

  it('asks for a reason where Sluice refuses for want of one, and sends the plan again with it', async () => {
    await opened.signIn(page, '#/preview?do=kill&target=ledger&state=idleInTransaction');
    const end = page.getByRole('button', { name: /^End \d+ sessions? on ledger$/ });
    await end.click();
    await page.getByRole('alert').getByText('reason-required').waitFor();
    await page.getByText('This target asks for a reason.').waitFor();
    expect([await end.isDisabled(), mutationsOf(vendors)]).toEqual([true, []]);
    await page.getByLabel('Reason, for the record').fill('left open');
    await end.click();
    await page.getByText('All that was asked for was done.').waitFor();
    expect(mutationsOf(vendors).length).toBeGreaterThan(0);
  });

  it('asks somebody else to approve what is refused without that, and can take it back', async () => {
    await opened.signIn(page, '#/preview?do=flush&target=carts&mode=forced');
    await page.getByText('Somebody else must approve this.').waitFor();
    const ask = page.getByRole('button', { name: 'Ask a second person' });
    expect(await ask.isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: /^End/ }).count()).toBe(0);
    await page.getByLabel('Reason, for the record').fill('failover');
    await ask.click();
    await page.getByText('It waits for the approval of somebody else.').waitFor();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('It was not approved, or was taken back.').waitFor();
  });

  it('says why a cap refuses, and what would pass', async () => {
    await opened.signIn(page, '#/preview?do=kill&target=orders&state=idle');
    await page.getByText('This would be refused.').waitFor();
    await page.getByText('What would pass: Narrow the filter').waitFor();
    await page.getByText('What passes: first=').first().waitFor();
    expect(await page.getByRole('button', { name: /^End/ }).count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Emergency' }).count()).toBe(0);
  });

  it('lets those break the glass who may, with a reason and the name, and ends just whom it showed', async () => {
    await opened.signIn(page, '#/preview?do=kill&target=orders&state=idle', nightKey);
    await page.getByText('This would be refused.').waitFor();
    await page.getByRole('region', { name: 'Emergency' }).getByRole('link').click();
    await expect(hashOf(page)).resolves.toContain('breakGlass=true');
    await page.getByText('Emergency.', { exact: true }).waitFor();
    const end = page.getByRole('button', { name: /^Break the glass: End \d+ sessions on orders$/ });
    await end.waitFor();
    const count = Number(/\d+/.exec(await end.innerText())?.[0]);
    await page.getByLabel('Type orders to go on').fill('orders');
    await page.getByLabel('Reason, for the record').fill('too short');
    expect([count > 25, await end.isDisabled(), killed()]).toEqual([true, true, []]);
    await page.getByLabel('Reason, for the record').fill('checkout is down');
    await end.click();
    await page.getByText('All that was asked for was done.').waitFor();
    await page.getByText('broke the glass').waitFor();
    await page.getByText(`${String(count)} ended`).waitFor();
    const asked = page.waitForResponse((response) => response.url().includes('/operations?'));
    await page.goto(`${opened.url}/console/#/operations`);
    const { items } = (await (await asked).json()) as { items: Operation[] };
    expect(items[0]).toMatchObject({ breakGlass: true, reason: 'checkout is down', counts: { ended: count } });
    await page.getByText('broke the glass').waitFor();
  });

  it('shows a second person what waits for them, who approves it, and the one who asked sees it happen', async () => {
    await opened.signIn(page, '#/preview?do=flush&target=carts&mode=forced');
    await page.getByLabel('Reason, for the record').fill('failover');
    await page.getByRole('button', { name: 'Ask a second person' }).click();
    await page.getByText('It waits for the approval of somebody else.').waitFor();
    const other = await opened.open();
    await opened.signIn(other, '#/sessions', nightKey);
    await other.getByRole('link', { name: 'Waiting for you 1' }).click();
    await other.getByText('“failover”').waitFor();
    expect(mutationsOf(vendors)).toEqual([]);
    await other.getByLabel('Why').fill('agreed');
    await other.getByRole('button', { name: 'Approve' }).click();
    await other.getByText('All that was asked for was done.').waitFor();
    await other.context().close();
    await page.getByText('All that was asked for was done.').waitFor();
    await page.getByText('Approved').waitFor();
    await page.goto(`${opened.url}/console/#/waiting`);
    await page.getByText('Nothing waits for an approval.').waitFor();
  });

  it('offers nobody to approve what they asked for themselves, or may not approve', async () => {
    await opened.signIn(page, '#/preview?do=flush&target=carts&mode=forced', nightKey);
    await page.getByLabel('Reason, for the record').fill('failover');
    await page.getByRole('button', { name: 'Ask a second person' }).click();
    await page.getByText('It waits for the approval of somebody else.').waitFor();
    const asked = await hashOf(page);
    await page.getByRole('link', { name: 'Waiting for you' }).click();
    await page.getByText('You asked for it: somebody else must approve it.').waitFor();
    const other = await opened.open();
    await opened.signIn(other, '#/waiting');
    await other.getByText('Your grants do not let you approve it.').waitFor();
    expect(await other.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await other.context().close();
    await page.goto(`${opened.url}/console/${asked}`);
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('It was not approved, or was taken back.').waitFor();
  });

  it('says that a target is read-only or frozen, until when, and why that refuses', async () => {
    await opened.signIn(page, '#/sessions?target=profiles&target=orders', nightKey);
    const targets = page.getByRole('complementary', { name: 'Targets' });
    await targets.getByText('read-only').waitFor();
    await page.goto(`${opened.url}/console/#/preview?do=flush&target=profiles&mode=graceful`);
    await page.getByText('This would be refused.').waitFor();
    await page.getByText('The operators of Sluice can open it.').waitFor();
    expect(await page.getByRole('button', { name: /^End/ }).count()).toBe(0);
    const freeze = await fetch(`${opened.url}/freezes`, {
      method: 'POST',
      headers: { 'X-API-Key': nightKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ targets: ['orders'], seconds: 3600, reason: 'an engineer looks at it' }),
    });
    expect(freeze.status).toBe(201);
    const { id } = (await freeze.json()) as { id: string };
    await page.reload();
    await opened.signIn(page, '#/sessions?target=orders', nightKey);
    await targets.getByText(/^frozen until \d/).waitFor();
    await page.goto(`${opened.url}/console/#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000`);
    await page.getByText('an engineer looks at it').first().waitFor();
    const thawed = await fetch(`${opened.url}/freezes/${id}`, { method: 'DELETE', headers: { 'X-API-Key': nightKey } });
    expect([thawed.status, killed()]).toEqual([204, []]);
  });
});
