import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../postgres.ts';
import { randomFrom } from './random.ts';
import { verifyStore } from '../../src/store/verify/verify-store.js';
import { ReplicaPair, type Tally } from './replica-pair.ts';

/** Points of interruption, in pairs of replicas side by side. */
const points = Number(process.env['POINTS'] ?? 24);
const seed = Number(process.env['SEED'] ?? 20_261_121);
const pairs = 4;

(hasPostgres('the death of replicas') ? describe : describe.skip)('two replicas on PostgreSQL', () => {
  let server: PostgresServer;
  let vendors: Vendors;

  beforeAll(async () => {
    server = await startPostgres();
    vendors = await startVendors();
  }, 60_000);

  afterAll(async () => {
    await vendors.close();
    await server.drop();
  });

  it('send once what comes to both of them a hundred times under one key', async () => {
    const tally: Tally = { points: 0, kills: 0, answered: 0, settled: 0, unknown: 0, unsent: 0, breaches: [] };
    const pair = new ReplicaPair(vendors, await server.database(), tally);
    try {
      const { sent, statuses } = await pair.crowd(100);
      expect(sent).toBe(1);
      // Whoever finds the machine too busy for its store is refused, and nothing else.
      expect([...statuses].filter((status) => ![200, 409, 503].includes(status))).toEqual([]);
      expect(statuses).toContain(200);
    } finally {
      await pair.close();
    }
  }, 60_000);

  it(
    'lose nothing and send nothing twice, wherever one of them is killed or stands still for a while',
    async () => {
      vendors.faults.replace([
        { vendor: 'taurusdb', call: 'list-processes', kind: 'latency', milliseconds: 10 },
        { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 40 },
        { vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 40, when: 'after' },
      ]);
      const random = randomFrom(seed);
      const tally: Tally = { points: 0, kills: 0, answered: 0, settled: 0, unknown: 0, unsent: 0, breaches: [] };
      const databases = await Promise.all(Array.from({ length: pairs }, () => server.database()));
      const running = databases.map((url) => new ReplicaPair(vendors, url, tally));
      let left = points;
      try {
        await Promise.all(
          running.map(async (pair) => {
            // The first run of a process takes longer than any other.
            await pair.measure();
            const lastMs = await pair.measure();
            while (left > 0) {
              left -= 1;
              await pair.interrupt(random() < 0.5 ? 'SIGKILL' : 'SIGSTOP', random() * lastMs);
            }
          }),
        );
      } finally {
        await Promise.all(running.map((pair) => pair.close()));
      }
      const { breaches, ...figures } = tally;
      process.stdout.write(`replicas, seed ${String(seed)}: ${JSON.stringify(figures)}\n`);
      expect(breaches).toEqual([]);
      expect(figures.points).toBe(points);
      // Whoever wrote it and whoever went on with it: the record proves itself.
      for (const url of databases) {
        const { valid, text } = await verifyStore({ store: { url }, seals: null, json: true });
        expect([valid, text]).toEqual([true, text]);
      }
      // Otherwise nothing of interest was interrupted.
      expect(figures.settled + figures.unknown + figures.unsent).toBeGreaterThan(0);
      const sent = vendors.journal
        .of('delete-processes', 'taurusdb')
        .map(({ raw }) => (JSON.parse(raw.body.toString()) as { processes: unknown[] }).processes)
        .flat();
      expect(vendors.journal.all().length).toBeLessThan(10_000);
      expect(new Set(sent).size).toBe(sent.length);
    },
    points * 20_000 + 60_000,
  );
});
