import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import type { Operation } from '../src/core/model/operation.js';
import { startBuilt, type BuiltGateway } from './built-gateway.ts';
import { configFor, demoKeys } from './gateway.ts';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = browsers.find((file) => existsSync(file));
const isSkipped = executablePath === undefined && process.env['CI'] !== 'true';

if (isSkipped) process.stderr.write('Skipped: no Chromium is installed, so nobody tries Swagger UI.\n');

// A machine without a graphics card takes its time to draw the page.
jest.setTimeout(60_000);

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

(isSkipped ? describe.skip : describe)('Swagger UI in a browser', () => {
  let vendors: Vendors | undefined;
  let built: BuiltGateway | undefined;
  let url: string;
  let browser: Browser | undefined;
  let page: Page;
  const errors: string[] = [];
  const questions: string[] = [];
  let isWilling = true;

  beforeAll(async () => {
    if (executablePath === undefined) throw new Error('CI needs a Chromium: apt-get install -y chromium');
    vendors = await startVendors();
    built = startBuilt(JSON.stringify(configFor(vendors)));
    ({ url } = await built.listening());
    browser = await chromium.launch({ executablePath, args: quiet });
    page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
    });
    page.on('dialog', (dialog) => {
      questions.push(dialog.message());
      void (isWilling ? dialog.accept() : dialog.dismiss());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) errors.push(request.url());
    });
    await page.goto(`${url}/docs`);
  });

  afterAll(async () => {
    await browser?.close();
    await built?.close();
    await vendors?.close();
  });

  const call = (operationId: string): Locator => page.locator(`.opblock[id$="-${operationId}"]`);
  const shown = (operation: Locator): Locator => operation.locator('.live-responses-table tbody .response').first();

  async function open(operationId: string): Promise<Locator> {
    const operation = call(operationId);
    if (!(await operation.locator('.execute').isVisible())) await operation.locator('.opblock-summary-control').click();
    await operation.locator('.execute').waitFor();
    return operation;
  }

  /** Executes a call as it is filled in, and reads what the page shows of its answer. */
  async function execute(operationId: string): Promise<{ status: string; body: unknown; headers: string }> {
    const operation = await open(operationId);
    const answered = page.waitForResponse(
      (response) => response.url().startsWith(url) && response.request().resourceType() === 'fetch',
    );
    await operation.locator('.execute').click();
    await answered;
    await operation.locator('.loading-container').waitFor({ state: 'detached' });
    const [body = '', headers = ''] = await shown(operation).locator('pre.microlight').allInnerTexts();
    const status = await shown(operation).locator('.response-col_status').innerText();
    await operation.locator('.opblock-summary-control').click();
    return { status, body: JSON.parse(body) as unknown, headers };
  }

  it('shows what there is, and tells how to read it', async () => {
    await page.locator('.opblock').first().waitFor();
    const summaries = await page.locator('.opblock-summary-description').allInnerTexts();
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>;
    };
    const all = Object.values(document.paths).flatMap((calls) => Object.values(calls).map(({ summary }) => summary));
    expect(summaries.toSorted()).toEqual(all.toSorted());
    expect(summaries).toContain('Kill processes');
    const words = await page.locator('.info').innerText();
    expect(words).toContain('flush ends sessions, it never deletes data (it is not FLUSHALL)');
    expect(words).toContain('kill ends the connection, not just its statement, and the client may reconnect at once');
    await page.locator('.info summary').click();
    expect(await page.locator('.info a[href="/problems/outcome-unknown"]').isVisible()).toBe(true);
    await page.locator('.info summary').click();
  });

  it('refuses before a key is entered, and lets in after', async () => {
    expect(await execute('listTargets')).toMatchObject({ status: '401', body: { code: 'unauthenticated' } });
    await page.locator('.scheme-container .authorize').click();
    const form = page.locator('.auth-container', { hasText: 'X-API-Key' });
    await form.locator('input').fill(demoKeys.operator);
    await form.locator('button', { hasText: 'Authorize' }).click();
    await page.locator('.modal-ux .close-modal').click();
    expect((await execute('listTargets')).status).toBe('200');
  });

  it('looks at processes as it is filled in', async () => {
    const { status, body } = await execute('listProcesses');
    const { items } = body as { items: { target: string }[] };
    expect([status, new Set(items.map(({ target }) => target))]).toEqual(['200', new Set(['orders'])]);
  });

  it('plans a kill as it is filled in, and ends nothing', async () => {
    const { status, body, headers } = await execute('killProcesses');
    const { state, dryRun, counts } = body as Operation;
    expect([status, state, dryRun]).toEqual(['200', 'planned', true]);
    expect(counts.wouldEnd).toBeGreaterThan(0);
    expect(headers).toContain('sluice-state: planned');
    expect(vendors?.journal.all().some((entry) => entry.vendor === 'taurusdb' && entry.method === 'DELETE')).toBe(
      false,
    );
  });

  it.each(['getTarget', 'flushSessions', 'tuneSession', 'listOperations'])(
    'succeeds at once: %s',
    async (operationId) => {
      const { status, body } = await execute(operationId);
      expect([status, (body as { dryRun?: boolean }).dryRun ?? true]).toEqual(['200', true]);
    },
  );

  it('flushes for real with the second example, and shows the record of it', async () => {
    const flush = await open('flushSessions');
    await flush.locator('.examples-select select').first().selectOption('graceful');
    const { status, body } = await execute('flushSessions');
    const { id, state, targets } = body as Operation;
    expect([status, state, targets.map(({ target }) => target)]).toEqual([
      '200',
      'succeeded',
      ['bi-pool', 'ledger', 'carts'],
    ]);
    const record = await open('getOperation');
    await record.locator('tr[data-param-name="id"] input').fill(id);
    expect((await execute('getOperation')).body).toMatchObject({ id, state: 'succeeded', reason: 'nightly reload' });
  });

  it('asks before it sends what is no dry run, and sends nothing after a no', async () => {
    expect(questions).toHaveLength(1);
    isWilling = false;
    const flush = await open('flushSessions');
    await flush.locator('.examples-select select').first().selectOption('graceful');
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url()));
    await flush.locator('.execute').click();
    await flush.getByText('Not sent: nothing was done.').first().waitFor();
    expect([questions.length, sent]).toEqual([2, []]);
    await flush.locator('.opblock-summary-control').click();
  });

  it('shows the call for curl without the key', async () => {
    await execute('listTargets');
    const targets = await open('listTargets');
    const curl = await targets.locator('.curl-command').innerText();
    expect(curl).toContain('$SLUICE_KEY');
    expect(await page.locator('body').innerText()).not.toContain(demoKeys.operator);
    await targets.locator('.opblock-summary-control').click();
  });

  it('fits a phone, comes compressed, and in no frame', async () => {
    expect(await page.locator('meta[name=viewport]').getAttribute('content')).toContain('width=device-width');
    const script = await fetch(`${url}/docs/swagger-ui-bundle.js`, { headers: { 'accept-encoding': 'gzip' } });
    expect([script.status, script.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect((await script.text()).length).toBeGreaterThan(1_000_000);
    const policy = (await fetch(`${url}/docs`)).headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('shows an example of every answer, of that very call', async () => {
    const operation = await open('killProcesses');
    const answers = operation.locator('.responses-table:not(.live-responses-table) tbody .response');
    const examples = answers.locator('.highlight-code');
    expect(await examples.count()).toBe(await answers.count());
    const partly = answers.filter({ has: page.locator('.response-col_status', { hasText: '207' }) });
    expect(await partly.innerText()).toContain('"processes.kill"');
    const refused = answers.filter({ has: page.locator('.response-col_status', { hasText: '403' }) });
    expect(await refused.innerText()).toContain('to kill takes operator');
    await operation.locator('.opblock-summary-control').click();
  });

  it('is read on a phone without scrolling sideways, in letters of a size to read', async () => {
    const phone = await browser!.newPage({ viewport: { width: 375, height: 740 }, isMobile: true });
    await phone.goto(`${url}/docs`);
    const operation = phone.locator('.opblock[id$="-killProcesses"]');
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.execute').waitFor();
    const width = await phone.evaluate('document.documentElement.scrollWidth');
    const name = "document.querySelector('.opblock .parameter__name')";
    const letters = await phone.evaluate(`Number.parseFloat(getComputedStyle(${name}).fontSize)`);
    await phone.close();
    expect(width).toBe(375);
    expect(letters).toBeGreaterThanOrEqual(12);
  });

  it.each(['/docs', '/problems/outcome-unknown'])('is shown in no page of others: %s', async (path) => {
    const other = await browser!.newPage();
    const refused = other.waitForEvent('console', (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()));
    await other.setContent(`<iframe src="${url}${path}"></iframe>`);
    await refused;
    await other.close();
  });

  it('has pages of problems that say cause and remedy, light by day and dark at night', async () => {
    const backgrounds: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const problem = await browser!.newPage({ colorScheme });
      await problem.goto(`${url}/problems/outcome-unknown`);
      expect(await problem.locator('h2').allInnerTexts()).toEqual(['What it means', 'What to do']);
      backgrounds.push(await problem.evaluate('getComputedStyle(document.body).backgroundColor'));
      await problem.close();
    }
    expect(backgrounds).toEqual(['rgb(255, 255, 255)', 'rgb(20, 23, 28)']);
  });

  it('fits on few screens, without errors, and asks nobody else', async () => {
    const box = await (await open('killProcesses')).boundingBox();
    // About 8000 pixels, some more or less by the fonts that a machine has.
    expect(box?.height).toBeLessThan(9000);
    expect(errors).toEqual([]);
  });
});
