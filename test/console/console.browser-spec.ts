import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import type { Operation } from '../../src/core/model/operation.js';
import { startBuilt, type BuiltGateway } from '../built-gateway.ts';
import { configFor, demoKeys, type Config } from '../gateway.ts';
import { mutationsOf } from '../safeguards-places.ts';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = browsers.find((file) => existsSync(file));
const isSkipped = executablePath === undefined && process.env['CI'] !== 'true';
if (isSkipped) process.stderr.write('Skipped: no Chromium is installed, so nobody tries the console.\n');

// A machine without a graphics card takes its time to draw, and axe to look at all of it.
jest.setTimeout(240_000);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wide = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

(isSkipped ? describe.skip : describe)('the console in a browser', () => {
  let vendors: Vendors;
  let built: BuiltGateway;
  let url: string;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    if (executablePath === undefined) throw new Error('CI needs a Chromium: apt-get install -y chromium');
    vendors = await startVendors();
    const change = (config: Config): void => {
      // As by default: a forced flush says why.
      delete config.reason;
      for (const target of config.targets) {
        if (target.name === 'carts') target['approval'] = { forced: true };
        if (target.name === 'ledger') target['reason'] = 'required';
      }
    };
    built = startBuilt(JSON.stringify(configFor(vendors, { change })));
    ({ url } = await built.listening());
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  });

  afterAll(async () => {
    await browser.close();
    await built.close();
    await vendors.close();
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const opened = await browser.newPage({ viewport: wide, ...options });
    opened.setDefaultTimeout(20_000);
    opened.on('pageerror', (error) => errors.push(error.message));
    opened.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
    });
    opened.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) errors.push(request.url());
    });
    return opened;
  }

  async function signIn(to: Page, hash = ''): Promise<void> {
    await to.goto(`${url}/console/${hash}`);
    await to.getByLabel('API key').and(to.locator('[type=password]')).fill(demoKeys.operator);
    await to.getByRole('button', { name: 'Sign in' }).click();
    await to.getByRole('navigation', { name: 'Pages' }).waitFor();
  }

  beforeEach(async () => {
    errors = [];
    page = await open();
  });

  afterEach(async () => {
    await page.context().close();
    vendors.reset();
    expect(errors).toEqual([]);
  });

  const rows = (): Locator => page.locator('tbody tr[data-row]');
  const killed = () => vendors.journal.all().filter((one) => one.vendor === 'taurusdb' && one.method === 'DELETE');

  it('is where a browser is led to, and in no frame', async () => {
    await page.goto(url);
    expect(page.url()).toBe(`${url}/console/`);
    const answer = await fetch(`${url}/console/`);
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    const script = /src="(assets\/console-[\w-]{8}\.js)"/.exec(await answer.text())?.[1] ?? '';
    const asset = await fetch(`${url}/console/${script}`);
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await fetch(`${url}/console/assets/..%2f..%2fmain.js`)).status).toBe(404);
    expect((await fetch(`${url}/console`, { redirect: 'manual' })).status).toBe(308);
  });

  it('lets in only whom Sluice knows, and keeps the key only where that was ticked', async () => {
    await page.goto(`${url}/console/`);
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
    await signIn(page, '#/sessions?target=orders');
    await rows().first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('minBusySeconds=10m');
    await page.keyboard.press('Enter');
    await expect(hash(page)).resolves.toContain('minBusySeconds=600');
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
    await page.goto(`${url}/console/#/sessions?target=orders&minBusySeconds=600`);
    await page.getByText('1 session fits').waitFor();
    expect(await rows().innerText()).toContain('protected: replication');
    await page.goto(`${url}/console/#/operations`);
    await page.getByText('“runaway”').waitFor();
    await page.getByText('As a command').first().click();
    await page.getByLabel('As sluice').waitFor();
    const commands = await page.locator('.commands pre').allInnerTexts();
    expect(commands[0]).toMatch(/^curl -s -X DELETE .*id=2075469&dryRun=true' -H "X-API-Key: \$SLUICE_KEY"$/);
    expect(commands[1]).toMatch(/^sluice kill --target orders --node primary 2075469 --server /);
    expect(commands.join()).not.toContain(demoKeys.operator);
  });

  it('shows whom somebody blocks below them, sorts by transaction, and chooses targets by label', async () => {
    await signIn(page, '#/sessions?target=ledger');
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
    await expect(hash(page)).resolves.toMatch(/label=env%3Asandbox/);
    await page.getByRole('button', { name: 'env:sandbox', pressed: true }).waitFor();
    await page.getByText('1 of ', { exact: false }).waitFor();
  });

  it('asks for the name before it flushes, and watches the drain', async () => {
    await signIn(page, '#/preview?do=flush&target=bi-pool&mode=graceful');
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

  it('lets nobody flush by force without a reason', async () => {
    await signIn(page, '#/preview?do=flush&target=orders&mode=forced');
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
    await signIn(page, '#/preview?do=kill&target=ledger&state=idleInTransaction');
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
    await signIn(page, '#/preview?do=flush&target=carts&mode=forced');
    await page.getByText('Somebody else must approve this.').waitFor();
    const ask = page.getByRole('button', { name: 'Ask for approval' });
    expect(await ask.isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: /^End/ }).count()).toBe(0);
    await page.getByLabel('Reason, for the record').fill('failover');
    await ask.click();
    await page.getByText('It waits for the approval of somebody else.').waitFor();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('It was not approved, or was taken back.').waitFor();
  });

  it('sends the plan alone where it leaves a target out, and says so', async () => {
    await signIn(page, '#/preview?do=flush&target=bi-pool&target=orders&mode=graceful');
    await page.getByText('The plan leaves out bi-pool, and nothing is sent there.').waitFor();
    expect(await page.getByRole('link', { name: 'Preview a flush of bi-pool alone' }).count()).toBe(1);
    await page.getByLabel('Type orders to go on').fill('orders');
    await page.getByRole('button', { name: /^End \d+ sessions on orders$/ }).click();
    await page.getByText('All that was asked for was done.').waitFor();
    expect(await page.getByRole('region', { name: 'bi-pool' }).count()).toBe(0);
    const killers = mutationsOf(vendors).map(([call]) => call);
    expect(new Set(killers)).toEqual(new Set(['delete-processes']));
  });

  it('says that a plan expired, and makes another', async () => {
    await page.clock.install();
    await signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).waitFor();
    await page.clock.fastForward(121_000);
    await page.getByText('The plan expired. Nothing was done.').waitFor();
    await page.getByRole('button', { name: 'Make a new plan' }).click();
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).waitFor();
    expect(killed()).toEqual([]);
  });

  it('tells what Sluice says of a plan that is gone', async () => {
    await page.goto(`${url}/console/#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000`);
    const planned = page.waitForResponse((response) => response.url().includes('dryRun=true'));
    await signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    const { plan } = (await (await planned).json()) as Operation & { plan: { id: string } };
    const headers = { 'X-API-Key': demoKeys.operator };
    expect((await fetch(`${url}/processes?plan=${plan.id}`, { method: 'DELETE', headers })).status).toBe(200);
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).click();
    await page.getByRole('alert').getByText('plan-gone').waitFor();
    expect(killed()).toHaveLength(1);
  });

  it('says that Sluice does not answer, and goes on once it does', async () => {
    await signIn(page, '#/sessions?target=orders');
    await rows().first().waitFor();
    await page.route('**/processes?*', (route) => route.abort());
    await page.getByText('Sluice does not answer.').waitFor();
    expect(await rows().count()).toBeGreaterThan(10);
    await page.unroute('**/processes?*');
    await page.getByText('Sluice does not answer.').waitFor({ state: 'detached' });
  });

  it('says that a call whose answer is lost may have been carried out, and asks again under the same key', async () => {
    await signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
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

  it('says why a cap refuses, and what would pass', async () => {
    await signIn(page, '#/preview?do=kill&target=orders&state=idle');
    await page.getByText('This would be refused.').waitFor();
    await page.getByText('What would pass: Narrow the filter').waitFor();
    expect(await page.getByRole('button', { name: /^End/ }).count()).toBe(0);
  });

  it('says which target failed, and shows the others', async () => {
    vendors.faults.add({ vendor: 'gaussdb', kind: 'status', status: 500 });
    await signIn(page, '#/sessions?target=ledger&target=orders');
    await page.getByText('ledger cannot be seen: ').waitFor();
    expect(await rows().count()).toBeGreaterThan(10);
  });

  it('puts whom nobody can tell of into a colour of its own, and says what to do', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after', times: 1 });
    await signIn(page, '#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000');
    await page.getByRole('button', { name: 'End 2 sessions on orders' }).click();
    await page.getByText('Nothing is sent twice.').waitFor();
    expect(await page.locator('.chip.tone-unknown').count()).toBeGreaterThan(0);
  });

  it.each([
    ['light', wide],
    ['light', phone],
    ['dark', wide],
    ['dark', phone],
  ] as const)('has nothing that axe finds, on any screen: %s, %o', async (colorScheme, viewport) => {
    await page.context().close();
    page = await open({ viewport, colorScheme });
    const find = async (screen: string) => {
      await page.evaluate(axe);
      const found = await page.evaluate<string[]>(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
          .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html + ' ' + nodes[0].failureSummary))`,
      );
      expect([screen, found]).toEqual([screen, []]);
    };
    await page.goto(`${url}/console/`);
    await page.locator('[type=password]').waitFor();
    await find('sign in');
    await signIn(page, '#/sessions?target=ledger');
    await page.getByText('sessions connected').waitFor();
    await page.locator('[data-row] [role=checkbox]').first().click();
    await page.getByText('selected', { exact: false }).first().waitFor();
    await find('sessions');
    await page.locator('body').press('?');
    await page.getByRole('dialog').waitFor();
    await find('keys');
    await page.keyboard.press('Escape');
    for (const [screen, words] of [
      ['preview?do=kill&target=orders&state=idle', 'This would be refused.'],
      ['preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000', 'The plan holds'],
      ['preview?do=flush&target=bi-pool&mode=forced', 'Type bi-pool'],
      ['preview?do=flush&target=carts&mode=forced', 'Ask for approval'],
      ['preview?do=flush&target=bi-pool&target=orders&mode=graceful', 'The plan leaves out bi-pool'],
      ['operations/op_nobody', 'There is no operation'],
    ] as const) {
      await page.goto(`${url}/console/#/${screen}`);
      await page.getByText(words).first().waitFor();
      await find(screen);
    }
    await page.goto(`${url}/console/#/preview?do=kill&target=orders&user=web&minIdleSeconds=1500`);
    await page.getByRole('button', { name: /^End \d+ sessions on orders/ }).click();
    await page.getByText('All that was asked for was done.').waitFor();
    await find('operation');
    await page.goto(`${url}/console/#/operations`);
    await page.getByText('As a command').first().click();
    await page.getByLabel('As sluice').waitFor();
    await find('history');
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

function hash(page: Page): Promise<string> {
  return page.evaluate('location.hash');
}
