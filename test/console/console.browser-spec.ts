import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Vendors } from '../../sandbox/vendors.ts';
import { demoKeys } from '../gateway.ts';
import { mutationsOf } from '../safeguards-places.ts';
import { hashOf, isSkipped, ordinary, patience, startConsole, type Console } from './opened.ts';

jest.setTimeout(patience);

(isSkipped ? describe.skip : describe)('the console in a browser', () => {
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

  it('is where a browser is led to, and in no frame', async () => {
    await page.goto(opened.url);
    expect(page.url()).toBe(`${opened.url}/console/`);
    const answer = await fetch(`${opened.url}/console/`);
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    const script = /src="(assets\/console-[\w-]{8}\.js)"/.exec(await answer.text())?.[1] ?? '';
    const asset = await fetch(`${opened.url}/console/${script}`);
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await fetch(`${opened.url}/console/assets/..%2f..%2fmain.js`)).status).toBe(404);
    expect((await fetch(`${opened.url}/console`, { redirect: 'manual' })).status).toBe(308);
  });

  it('lets in only whom Sluice knows, and keeps the key only where that was ticked', async () => {
    await page.goto(`${opened.url}/console/`);
    const key = page.locator('[type=password]');
    await key.fill('nobody');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('unauthenticated').waitFor();
    await key.fill(demoKeys.operator);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).toBe('[{},{}]');
    await page.reload();
    await page.getByRole('checkbox', { name: 'Keep it for this tab' }).click();
    await key.fill(demoKeys.operator);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await key.waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('finds the runaway, previews, ends it and sees it gone, by keys', async () => {
    await opened.signIn(page, '#/sessions?target=orders');
    await rows().first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('minBusySeconds=10m');
    await page.keyboard.press('Enter');
    await expect(hashOf(page)).resolves.toContain('minBusySeconds=600');
    // The runaway, and a replica's reader, which is protected.
    await page.getByText('2 sessions fit').waitFor();
    await page.locator('body').click({ position: { x: 5, y: 880 } });
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('paused while you select').waitFor();
    await page.keyboard.press('d');
    const end = page.getByRole('button', { name: 'End 1 session on orders' });
    await end.waitFor();
    await page.getByText(/^orders has \d+ kills left this minute; this takes 1\.$/).waitFor();
    expect(killed()).toEqual([]);
    await page.getByLabel('Reason, for the record').fill('runaway');
    await end.click();
    await page.getByText('All that was asked for was done.').waitFor();
    expect(killed()).toHaveLength(1);
    expect(JSON.stringify(killed())).toContain('2075469');
    await page.goto(`${opened.url}/console/#/sessions?target=orders&minBusySeconds=600`);
    await page.getByText('1 session fits').waitFor();
    expect(await rows().innerText()).toContain('protected: replication');
    await page.goto(`${opened.url}/console/#/operations`);
    await page.getByText('“runaway”').waitFor();
    await page.getByText('As a command').first().click();
    await page.getByLabel('As sluice').waitFor();
    const commands = await page.locator('.commands pre').allInnerTexts();
    expect(commands[0]).toMatch(/^curl -s -X DELETE .*id=2075469&dryRun=true' -H "X-API-Key: \$SLUICE_KEY"$/);
    expect(commands[1]).toMatch(/^sluice kill --target orders --node primary 2075469 --server /);
    expect(commands.join()).not.toContain(demoKeys.operator);
  });

  it('shows whom somebody blocks below them, sorts by transaction, and chooses targets by label', async () => {
    await opened.signIn(page, '#/sessions?target=ledger');
    const blocked = rows().filter({ has: page.locator('.depth-1') });
    await blocked.first().waitFor();
    expect(await blocked.first().innerText()).toContain('acquire lock');
    const blocker = /is blocked by (\d+)/.exec((await blocked.first().textContent()) ?? '')?.[1];
    const above = await blocked.first().locator('xpath=preceding-sibling::tr[1]').getAttribute('data-row');
    expect(above).toContain(`"${blocker ?? 'nobody'}"`);
    const asked = page.waitForRequest((request) => request.url().includes('sort=-transactionSeconds'));
    await page.getByRole('button', { name: 'Transaction', exact: true }).click();
    await asked;
    await page.getByRole('button', { name: '+ blocks others' }).click();
    await page.getByText(/^\d+ sessions? fits?/).waitFor();
    await blocked.first().waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('label=env:sandbox');
    await page.keyboard.press('Enter');
    await expect(hashOf(page)).resolves.toMatch(/label=env%3Asandbox/);
    await page.getByRole('button', { name: 'env:sandbox', pressed: true }).waitFor();
    await page.getByText('1 of ', { exact: false }).waitFor();
  });

  it('asks for the name before it flushes, and watches the drain', async () => {
    await opened.signIn(page, '#/preview?do=flush&target=bi-pool&mode=graceful');
    const end = page.getByRole('button', { name: 'End idle sessions on bi-pool' });
    await end.waitFor();
    await page.getByText('No plan fixes which sessions this ends').waitFor();
    expect(await end.isDisabled()).toBe(true);
    await page.getByLabel('Type bi-pool to go on').fill('bi-pool');
    await end.click();
    await page.getByText('3 left.').waitFor();
    for (const uid of ['acme_m1', 'acme_m2', 'acme_m3']) await release(uid);
    await page.getByText('All marked sessions have logged out.').waitFor({ timeout: 60_000 });
  });

  it('sends the plan alone where it leaves a target out, and says so', async () => {
    await opened.signIn(page, '#/preview?do=flush&target=bi-pool&target=orders&mode=graceful');
    await page.getByText('The plan leaves out bi-pool, and nothing is sent there.').waitFor();
    expect(await page.getByRole('link', { name: 'Preview a flush of bi-pool alone' }).count()).toBe(1);
    await page.getByLabel('Type orders to go on').fill('orders');
    await page.getByRole('button', { name: /^End \d+ sessions on orders$/ }).click();
    await page.getByText('All that was asked for was done.').waitFor();
    expect(await page.getByRole('region', { name: 'bi-pool' }).count()).toBe(0);
    const killers = mutationsOf(vendors).map(([call]) => call);
    expect(new Set(killers)).toEqual(new Set(['delete-processes']));
  });

  it('draws how many were connected, and goes up and down the rows by keys', async () => {
    await page.clock.install();
    await opened.signIn(page, '#/sessions?target=orders');
    await rows().first().waitFor();
    const targets = page.getByRole('complementary', { name: 'Targets' });
    await targets.getByText(/^\d+ connected$/).waitFor();
    const points = async () => ((await targets.locator('polyline').getAttribute('points')) ?? '').split(' ').length;
    while ((await points()) < 3) await page.clock.fastForward(5000);
    await page.locator('body').click({ position: { x: 5, y: 880 } });
    const focused = () => page.evaluate('document.activeElement?.closest("[data-row]")?.dataset.row');
    await page.keyboard.press('j');
    const first = await focused();
    await page.keyboard.press('j');
    const second = await focused();
    await page.keyboard.press('k');
    expect([first === second, await focused()]).toEqual([false, first]);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('No key ends anything.').waitFor();
    expect(killed()).toEqual([]);
  });

  it('narrows the history by its address', async () => {
    for (const target of ['orders', 'ledger']) {
      const headers = { 'X-API-Key': demoKeys.operator, 'Content-Type': 'application/json' };
      const body = JSON.stringify({ targets: [target], mode: 'graceful', reason: `narrowed ${target}` });
      await fetch(`${opened.url}/sessions/flush`, { method: 'POST', headers, body });
    }
    await opened.signIn(page, '#/operations?target=orders&kind=sessions.flush');
    await page.getByText('“narrowed orders”').first().waitFor();
    expect(await page.getByText('“narrowed ledger”').count()).toBe(0);
    await page.getByLabel('Target', { exact: true }).fill('ledger');
    await page.keyboard.press('Enter');
    await page.getByText('“narrowed ledger”').first().waitFor();
    await expect(hashOf(page)).resolves.toContain('target=ledger');
    expect(await page.getByText('“narrowed orders”').count()).toBe(0);
  });

  async function release(uid: string): Promise<void> {
    const body = JSON.stringify({ gid: 'acme_pool', uid });
    const answer = await fetch(`${vendors.urls.admin}/1010data/reluid`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
  }
});
