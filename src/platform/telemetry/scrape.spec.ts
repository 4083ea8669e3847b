import { expect, it } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';
import { Scrape } from './scrape.js';

it('is made once a second at most, for all who ask meanwhile, and is never an old one', async () => {
  let [now, made] = [5000, 0];
  const slept: number[] = [];
  const registry = new Registry();
  new Gauge({
    name: 'made',
    help: 'How often it was made.',
    registers: [registry],
    collect() {
      made += 1;
      this.set(made);
    },
  });
  const sleep = async (milliseconds: number): Promise<void> => {
    slept.push(milliseconds);
    await Promise.resolve();
    now += milliseconds;
  };
  const scrape = new Scrape(registry, { now: () => now, sleep });
  const texts = await Promise.all(Array.from({ length: 16 }, () => scrape.text()));
  expect([made, new Set(texts).size, slept]).toEqual([1, 1, []]);
  now += 400;
  const later = await Promise.all([scrape.text(), scrape.text()]);
  expect([made, slept]).toEqual([2, [600]]);
  expect(later[1]).toContain('made 2');
});
