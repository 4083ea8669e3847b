import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';
import { openGateway, problemOf, type Gateway } from './gateway.ts';

let gateway: Gateway | undefined;

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

const open = async (store: object): Promise<Gateway> => {
  gateway = await openGateway({
    environment: { DATABASE: `postgres://sluice:wrong@127.0.0.1:${String(await freePort())}/sluice` },
    change: (config) => {
      Object.assign(config, { store });
    },
  });
  return gateway;
};
const statuses = async (opened: Gateway): Promise<readonly number[]> =>
  Promise.all(
    ['/health/ready', '/health/live'].map(async (path) => (await opened.call('GET', path, { key: null })).status),
  );

describe('a replica', () => {
  it('is not ready before it has written to its store, and lives: a release with a wrong store replaces nobody', async () => {
    const opened = await open({ postgres: { url: { env: 'DATABASE' } } });
    expect(await statuses(opened)).toEqual([503, 200]);
    // What it can do without, it does.
    expect((await opened.call('GET', '/targets')).status).toBe(200);
    const refused = await opened.call('POST', '/sessions/flush', { body: { targets: ['orders'] } });
    expect(problemOf(refused).code).toBe('store-unavailable');
  });

  it('is ready once it has', async () => {
    expect(await statuses(await open({ memory: {} }))).toEqual([200, 200]);
  });
});
