import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Mishap } from '../sandbox/frame/fault.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway } from './gateway.ts';
import type { Answer, CallOptions, Gateway, GatewayOptions } from './gateway.ts';

/** The vendors of a suite; as they were at first before each test. */
export let vendors: Vendors;
/** The gateway of a test, once it is open. */
export let gateway: Gateway;
/** Serves all tests that end before a vendor is asked: nothing can be left behind in it. */
let refusing: Gateway | undefined;

/** For the tests of this file: vendors for all of them, and no gateway that outlives its test. */
export function useVendors(): void {
  beforeAll(async () => {
    vendors = await startVendors();
  });

  afterEach(async () => {
    if (gateway !== refusing) await gateway.close();
    vendors.reset();
  });

  afterAll(async () => {
    await refusing?.close();
    await vendors.close();
  });
}

/** Opens the gateway of this test. */
export async function open(options: GatewayOptions = {}): Promise<Gateway> {
  gateway = await openGateway({ vendors, ...options });
  return gateway;
}

/** Takes the gateway of all tests that end before a vendor is asked. */
export async function openToRefuse(): Promise<void> {
  gateway = refusing ??= await openGateway({ vendors });
}

/** Looks at processes. */
export const look = (query: string) => gateway.call('GET', `/processes?${query}`);

/** Flushes. */
export const flush = (body: object, options: CallOptions = {}) =>
  gateway.call('POST', '/sessions/flush', { body, ...options });

/** Tunes a session. */
export const tune = (settings: object, target = 'bi-user') =>
  gateway.call('POST', '/sessions/tune', { body: { target, settings } });

/** The ids that a look found. */
export const idsOf = (answer: Answer) => lookOf(answer).items.map(({ id }) => id);
/** The names of the calls that reached vendors. */
export const calls = () => vendors.journal.all().map(({ call }) => call);

/** The configuration with a second pool, which the uid of the connection owns too. */
export const withSpare: GatewayOptions = {
  change: ({ targets }) => {
    targets.push({ name: 'spare', backend: '1010data', connection: 'tenten', pool: 'acme_spare' });
  },
};

/** An answer of 1010data with this code, perhaps after it did what was asked. */
export const rc = (code: number, msg = 'as told', executed = false): Mishap => ({
  kind: 'reply',
  executed,
  status: 200,
  contentType: 'text/xml',
  body: `<out><rc>${code}</rc><msg>${msg}</msg></out>`,
});
