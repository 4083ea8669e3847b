import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, problemOf, type Answer, type Gateway } from './gateway.ts';
import { mutationsOf, primary } from './safeguards-places.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ loaded: true });
});

afterAll(() => vendors.close());

beforeEach(() => {
  vendors.reset();
});

afterEach(() => gateway.close());

const open = async (traffic: object): Promise<void> => {
  gateway = await openGateway({ vendors, signed: true, loaded: true, traffic });
};
const fallSilent = () => {
  vendors.faults.add({ kind: 'silence-before', vendor: 'taurusdb', contains: primary.instanceId });
};
const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const asked = () => vendors.journal.of('list-processes').filter(({ raw }) => raw.path.includes(primary.instanceId));
const other = () => {
  const { instances } = vendors.huawei.taurusdb;
  const { nodes } = instances.find(({ id }) => id === 'b34fc73ce72f5fafa747fe3336f406cfin07')!;
  return String(nodes[0]?.threads.find(({ internal }) => !internal)?.id);
};

describe('an instance that is silent', () => {
  it('opens its own circuit, and keeps nobody from another one of its service', async () => {
    await open({ timeouts: { answerMs: 200, lookMs: 200 }, breaker: { failures: 2, openMs: 60_000 } });
    fallSilent();
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 4; count += 1) {
      codes.push(problemOf(await gateway.call('GET', '/processes?target=orders&node=primary')).code);
      const id = other();
      expect((await kill(`target=archive&id=${id}`)).status).toBe(200);
    }
    expect(codes.at(0)).toBe('upstream-timeout');
    expect(codes.at(-1)).toBe('upstream-unavailable');
    expect(mutationsOf(vendors)).toHaveLength(4);
  });

  it('does so, too, where nobody asks for another one meanwhile', async () => {
    await open({ timeouts: { answerMs: 200, lookMs: 200 }, breaker: { failures: 1, openMs: 60_000 } });
    fallSilent();
    await kill('target=orders&node=primary&id=2075425');
    const before = asked().length;
    const refused = await kill('target=orders&node=primary&id=2075425');
    expect([refused.status, problemOf(refused).code, asked().length]).toEqual([503, 'upstream-unavailable', before]);
    expect((await kill(`target=archive&id=${other()}`)).status).toBe(200);
  });

  it('does not take all the turns that there are', async () => {
    await open({ timeouts: { answerMs: 10_000, lookMs: 10_000 }, concurrency: { inFlight: 8, queue: 50 } });
    fallSilent();
    const waiting = Array.from({ length: 20 }, (_each, at) => kill(`target=orders&node=primary&id=${String(at + 1)}`));
    await until(
      () => asked().length,
      (count) => count >= 6,
    );
    expect((await kill(`target=archive&id=${other()}`)).status).toBe(200);
    expect(asked().map(({ ending }) => ending)).toEqual(Array.from({ length: 6 }, () => 'pending'));
    vendors.faults.clear();
    await gateway.call('GET', '/targets');
    void Promise.allSettled(waiting);
  });
});
