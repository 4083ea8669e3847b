import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway } from '../built-gateway.ts';
import { configFor } from '../gateway.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../postgres.ts';
import { mutationsOf, threadsOf } from '../safeguards-places.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { until } from '../until.ts';
import { ask, type Answered } from './ask.ts';

/** A machine that is busy with much else gets more tries, to show once what the gateway takes by itself. */
const fewest = 3;
const most = 10;
/** What a mutating call may take to be refused. */
const refusedMs = 2500;

/** A way for a database to be out of use, and back. */
interface Fault {
  readonly name: string;
  readonly begin: (server: PostgresServer, proxy: TcpProxy) => Promise<void> | void;
  readonly end: (server: PostgresServer, proxy: TcpProxy) => Promise<void> | void;
}

const faults: readonly Fault[] = [
  { name: 'is stopped', begin: (server) => server.stop(), end: (server) => server.start() },
  {
    name: 'stands still',
    begin: (server) => {
      server.freeze();
    },
    end: (server) => {
      server.thaw();
    },
  },
  {
    name: 'is behind a network that passes nothing on',
    begin: (_server, proxy) => {
      proxy.hang();
    },
    end: (_server, proxy) => {
      proxy.slow(0);
    },
  },
  {
    name: 'is six seconds away',
    begin: (_server, proxy) => {
      proxy.slow(3000);
    },
    end: (_server, proxy) => {
      proxy.slow(0);
    },
  },
  {
    name: 'is behind a network that resets',
    begin: (_server, proxy) => {
      proxy.reset();
    },
    end: (_server, proxy) => {
      proxy.slow(0);
    },
  },
];

const flush = { targets: ['bi-pool'] };

(hasPostgres('what the gateway does without it') ? describe : describe.skip)('while PostgreSQL', () => {
  let server: PostgresServer;
  let proxy: TcpProxy;
  let vendors: Vendors;
  let gateway: BuiltGateway;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres();
    vendors = await startVendors();
    const address = new URL(await server.database());
    proxy = await startTcpProxy(Number(address.port));
    address.port = String(proxy.port);
    const config = configFor(vendors, { signed: true, change: (it) => Object.assign(it, { store: inEnvironment }) });
    gateway = startBuilt(JSON.stringify(config), { environment: { DATABASE_URL: address.href, LOG_LEVEL: 'info' } });
    ({ url } = await gateway.listening());
  }, 60_000);

  const inEnvironment = { postgres: { url: { env: 'DATABASE_URL' } } };

  beforeEach(() => {
    vendors.reset();
  });

  afterAll(async () => {
    await gateway.close();
    await proxy.close();
    await vendors.close();
    await server.drop();
  });

  const killing = (id: string): string => `/processes?target=orders&node=primary&id=${id}`;

  /** A kill that goes through, once the gateway has found its database again by itself. */
  const recovers = (id: string): Promise<Answered> =>
    until(
      () => ask(url, 'DELETE', killing(id)),
      ({ status }) => status !== 503,
      30_000,
    );

  /** Milliseconds that the slowest of several refused calls took. */
  async function refuses(key: string): Promise<number> {
    // The first callers meet what nobody knows of yet.
    const answers = await Promise.all([
      ask(url, 'DELETE', killing('2075425')),
      ask(url, 'POST', '/sessions/flush', { body: flush }),
      ask(url, 'POST', '/sessions/flush', { body: flush, headers: { 'idempotency-key': key } }),
      ask(url, 'DELETE', `${killing('2075426')}&dryRun=true`),
    ]);
    answers.push(await ask(url, 'POST', '/sessions/flush', { body: flush }));
    for (const { status, body } of answers) {
      expect([status, body['code'], body['retryable']]).toEqual([503, 'store-unavailable', true]);
    }
    expect(mutationsOf(vendors)).toEqual([]);
    for (const path of ['/processes?target=orders&limit=1', '/targets', '/health/live', '/metrics']) {
      expect([path, (await ask(url, 'GET', path)).status]).toEqual([path, 200]);
    }
    return Math.max(...answers.map(({ milliseconds }) => milliseconds));
  }

  it.each(faults)(
    '$name: nothing is sent, callers are told in time, reads go on, and nobody is needed afterwards',
    async ({ name, begin, end }) => {
      const ids = [...threadsOf(vendors)].filter((id) => /^20754/.test(id));
      const times: number[] = [];
      const isShown = (): boolean => times.length >= fewest && Math.min(...times) < refusedMs;
      for (let round = 0; round < most && !isShown(); round += 1) {
        await begin(server, proxy);
        try {
          times.push(await refuses(`${name}-${String(round)}`.replaceAll(' ', '-')));
        } finally {
          await end(server, proxy);
        }
        const id = ids.pop() ?? '';
        expect((await recovers(id)).status).toBe(200);
        expect(threadsOf(vendors).has(id)).toBe(false);
        expect(mutationsOf(vendors).map(([call]) => call)).toEqual(['delete-processes']);
        vendors.journal.clear();
      }
      process.stdout.write(`PostgreSQL ${name}: refused within ${times.map(Math.round).join(', ')} ms\n`);
      expect(Math.min(...times)).toBeLessThan(refusedMs);
    },
    240_000,
  );
});
