import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { demoKeys, openGateway, type Gateway } from './gateway.ts';
import { mutationsOf } from './safeguards-places.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'at-3-am.md'), 'utf8');
const run = promisify(execFile);

/** Each situation: its heading, and its calls as they are printed. */
const situations = page
  .split(/^## /m)
  .map((section): [string, string[]] => [
    section.split('\n')[0] ?? '',
    [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, calls = '']) => calls),
  ])
  .filter(([, blocks]) => blocks.length > 0);

/** What each has done to the vendors, by their own names. */
const done: Readonly<Record<string, readonly string[]>> = {
  '1': ['kill-session'],
  '2': ['delete-processes'],
  '3': ['kill-session'],
  '4': ['flushpool', 'kill-clients'],
  '5': [],
};

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway({ signed: true, vendorOptions: { huawei: { jobMs: 20 } } });
});

afterAll(() => gateway.close());

it('has five situations', () => {
  expect(situations.map(([heading]) => heading.split('.')[0])).toEqual(Object.keys(done));
});

it.each(situations)('%s', async (heading, blocks) => {
  gateway.vendors.reset();
  const { operator: KEY, admin: ADMIN_KEY } = demoKeys;
  const env = { PATH: process.env['PATH'], SLUICE: gateway.url, KEY, ADMIN_KEY };
  for (const calls of blocks) {
    const { stdout } = await run('bash', ['-ec', `set -o pipefail\n${calls}`], { env, maxBuffer: 16 * 1024 * 1024 });
    expect(stdout).not.toContain('"code":"invalid-request"');
  }
  const calls = new Set(mutationsOf(gateway.vendors).map(([call]) => call));
  expect([...calls]).toEqual(expect.arrayContaining([...(done[heading[0] ?? ''] ?? ['nothing'])]));
});
