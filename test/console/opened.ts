import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway } from '../built-gateway.ts';
import { configFor, demoKeys, type Config } from '../gateway.ts';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = browsers.find((file) => existsSync(file));

/** Is there no Chromium, and does nobody insist on one? */
export const isSkipped = executablePath === undefined && process.env['CI'] !== 'true';
if (isSkipped) process.stderr.write('Skipped: no Chromium is installed, so nobody tries the console.\n');

/** A machine without a graphics card takes its time to draw, and axe to look at all of it. */
export const patience = 240_000;

export const wide = { width: 1280, height: 900 };
export const phone = { width: 390, height: 844 };

/** The key of somebody who may break the glass, and asks for approvals. */
export const nightKey = 'sandbox-night-key';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The console of a built gateway in front of emulated vendors, and a browser. */
export interface Console {
  readonly vendors: Vendors;
  readonly url: string;
  /** What went wrong in the browser since it was read last: errors, calls to others, breaches of the policy. */
  takeErrors(): readonly string[];
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Signs in by a key, that of the demo operator by default, and goes to an address. */
  signIn(to: Page, hash?: string, key?: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts all of it; `change` changes the configuration of the gateway. */
export async function startConsole(change: (config: Config) => void): Promise<Console> {
  if (executablePath === undefined) throw new Error('CI needs a Chromium: apt-get install -y chromium');
  const vendors = await startVendors();
  const built: BuiltGateway = startBuilt(JSON.stringify(configFor(vendors, { change })));
  const { url } = await built.listening();
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
  });
  let errors: string[] = [];
  return {
    vendors,
    url,
    takeErrors: () => {
      const taken = errors;
      errors = [];
      return taken;
    },
    open: async (options = {}) => {
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
    },
    signIn: async (to, hash = '', key = demoKeys.operator) => {
      await to.goto(`${url}/console/${hash}`);
      await to.getByLabel('API key').and(to.locator('[type=password]')).fill(key);
      await to.getByRole('button', { name: 'Sign in' }).click();
      await to.getByRole('navigation', { name: 'Pages' }).waitFor();
    },
    close: async () => {
      await browser.close();
      await built.close();
      await vendors.close();
    },
  };
}

/** What axe finds on a page. Where PICTURES names a folder, a picture of it is put there. */
export async function findBy(page: Page, name: string): Promise<string[]> {
  const folder = process.env['PICTURES'];
  if (folder !== undefined)
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: page.viewportSize()?.width === wide.width });
  await page.evaluate(axe);
  return page.evaluate<string[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html + ' ' + nodes[0].failureSummary))`,
  );
}

/** Where a page is, behind its #. */
export function hashOf(page: Page): Promise<string> {
  return page.evaluate('location.hash');
}

/** As by default a forced flush says why; what else stands here is what the tests need. */
export function ordinary(config: Config): void {
  delete config.reason;
  config.auth.apiKeys.push({
    name: 'night',
    sha256: createHash('sha256').update(nightKey).digest('hex'),
    grants: [{ role: 'admin', targets: ['*'], breakGlass: true }],
  });
  for (const target of config.targets) {
    if (target.name === 'carts') target['approval'] = { forced: true };
    if (target.name === 'ledger') target['reason'] = 'required';
    if (target.name === 'profiles') target['readOnly'] = true;
    if (target.name === 'orders') target['planSeconds'] = 60;
  }
}
