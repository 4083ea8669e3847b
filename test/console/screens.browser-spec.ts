import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Vendors } from '../../sandbox/vendors.ts';
import { demoKeys } from '../gateway.ts';
import { findBy, isSkipped, nightKey, ordinary, patience, phone, startConsole, wide, type Console } from './opened.ts';

jest.setTimeout(patience);

(isSkipped ? describe.skip : describe)('the screens of the console', () => {
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

  it.each([
    ['light', wide],
    ['light', phone],
    ['dark', wide],
    ['dark', phone],
  ] as const)('has nothing that axe finds, on any screen: %s, %o', async (colorScheme, viewport) => {
    await page.context().close();
    page = await opened.open({ viewport, colorScheme });
    const find = async (screen: string) => {
      const picture = `${screen}-${colorScheme}-${String(viewport.width)}`.replaceAll(/\W+/g, '-');
      expect([screen, await findBy(page, picture)]).toEqual([screen, []]);
    };
    await page.goto(`${opened.url}/console/`);
    await page.locator('[type=password]').waitFor();
    await find('sign in');
    await opened.signIn(page, '#/sessions?target=ledger&target=profiles', nightKey);
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
      ['preview?do=flush&target=carts&mode=forced', 'Ask a second person'],
      ['preview?do=kill&target=orders&state=idle&breakGlass=true', 'An emergency needs a reason'],
      ['preview?do=kill&target=profiles&state=idle', 'This would be refused.'],
      ['preview?do=flush&target=bi-pool&target=orders&mode=graceful', 'The plan leaves out bi-pool'],
      ['operations/op_nobody', 'There is no operation'],
    ] as const) {
      await page.goto(`${opened.url}/console/#/${screen}`);
      await page.getByText(words).first().waitFor();
      await find(screen);
    }
    await page.goto(`${opened.url}/console/#/preview?do=kill&target=orders&user=web&minIdleSeconds=1500`);
    await page.getByRole('button', { name: /^End \d+ sessions on orders/ }).click();
    await page.getByText('All that was asked for was done.').waitFor();
    await find('operation');
    await page.goto(`${opened.url}/console/#/operations`);
    await page.getByText('As a command').first().click();
    await page.getByLabel('As sluice').waitFor();
    await find('history');
    await askedBy(demoKeys.operator);
    await page.goto(`${opened.url}/console/#/waiting`);
    await page.getByRole('button', { name: 'Approve' }).first().waitFor();
    await find('waiting');
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after', times: 1 });
    await page.goto(`${opened.url}/console/#/preview?do=kill&target=orders&user=orders_app&minIdleSeconds=3000`);
    await page.getByRole('button', { name: /^End \d+ sessions on orders/ }).click();
    await page.getByText('Nothing is sent twice.').waitFor();
    await find('unknown');
  });

  async function askedBy(key: string): Promise<void> {
    const body = { targets: ['carts'], mode: 'forced', approval: 'request', reason: 'failover' };
    const headers = { 'X-API-Key': key, 'Content-Type': 'application/json' };
    const url = `${opened.url}/sessions/flush`;
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(202);
  }
});
