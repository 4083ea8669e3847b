import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, problemOf, type Gateway } from './gateway.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
  gateway = await openGateway({
    vendors,
    // A target for each test: looks of one are shared.
    change: ({ targets }) => {
      targets.push({ name: 'spare', backend: '1010data', connection: 'tenten', pool: 'acme_spare' });
    },
  });
});

afterAll(async () => {
  await gateway.close();
  await vendors.close();
});

beforeEach(() => {
  vendors.reset();
});

const membersOf = (count: number): string =>
  Array.from({ length: count }, (_, at) => `<user uid="m${at}" loggedin="1" free="0" marked="1"/>`).join('');

/** What the vendor says to samstatus from now on. */
function tell(body: string): void {
  vendors.faults.add({ kind: 'reply', status: 200, contentType: 'text/xml', body, call: 'samstatus' });
}

describe('the members of a pool', () => {
  it('are listed, and counted, up to 16 MiB', async () => {
    const list = `<out><rc>0</rc><msg>OK</msg><users>${membersOf(6000)}</users></out>`;
    expect(list.length).toBeGreaterThan(256 * 1024);
    tell(list);
    const answer = await gateway.call('GET', '/processes?target=bi-pool&limit=2&user=m59*');
    expect([answer.status, answer.headers['sluice-completed']]).toEqual([200, 'true']);
    expect(lookOf(answer).items.map(({ id }) => id)).toEqual(['m59', 'm590']);
    expect(lookOf(answer).targets).toMatchObject([{ matched: 111, connected: 6000, complete: true }]);
    const flushed = await gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] } });
    expect(operationOf(flushed).counts).toMatchObject({ deferred: 6000 });
  });

  it.each([
    ['the list is cut off', `<out><rc>0</rc><users>${membersOf(6000)}</users>`],
    ['it is longer', `<out><rc>0</rc><msg>${' '.repeat(16 * 1024 * 1024)}</msg></out>`],
    ['its code is not 0', `<out><rc>00</rc><users>${membersOf(6000)}</users></out>`],
  ])('are not known where %s', async (_name, list) => {
    tell(list);
    const answer = await gateway.call('GET', '/processes?target=spare');
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-malformed', status: 502 });
  });
});
