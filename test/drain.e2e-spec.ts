import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, request as send, type IncomingMessage } from 'node:http';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway } from './built-gateway.ts';
import { configFor, demoKeys, patientLimits } from './gateway.ts';
import { startClients } from './drain-clients.ts';

let vendors: Vendors;
let gateways: BuiltGateway[] = [];

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 1500 } });
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  gateways = [];
  vendors.reset();
});

afterAll(async () => {
  await vendors.close();
});

interface Started extends BuiltGateway {
  readonly url: string;
  readonly managementUrl: string;
}

async function start(drain: object, server: object = {}): Promise<Started> {
  // Its clients ask as often as they are answered.
  const limits = { ...patientLimits, caller: { requests: 1_000_000, seconds: 1 } };
  const config = { ...configFor(vendors, { server: { drain, ...server } }), limits };
  const gateway = startBuilt(JSON.stringify(config));
  gateways.push(gateway);
  return { ...gateway, ...(await gateway.listening()) };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request on a connection of its own, or of this agent. */
function ask(
  url: string,
  method: string,
  path: string,
  body?: object,
  headers = {},
  agent = new Agent(),
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = send(`${url}${path}`, {
      method,
      agent,
      headers: {
        'x-api-key': demoKeys.operator,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.end(body && JSON.stringify(body));
  });
}

const forced = { targets: ['carts'], mode: 'forced' };
const patient = { prefer: 'wait=30' };

describe('stopping under load', () => {
  it('loses no request of 35 clients that keep their connections', async () => {
    vendors.faults.add({ kind: 'latency', vendor: 'taurusdb', call: 'list-processes', milliseconds: 800 });
    const [first, second] = await Promise.all([
      start({ delaySeconds: 2, timeoutSeconds: 10 }),
      start({ delaySeconds: 0 }),
    ]);
    const slow = '/processes?target=orders&node=primary&limit=0';
    const paths = Array.from({ length: 35 }, (_, index) => (index < 5 ? slow : '/targets'));
    const clients = startClients([first.url, second.url], paths, { 'x-api-key': demoKeys.viewer });
    await clients.answered(first.url, 3);
    const began = Date.now();
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(6000);
    await clients.answered(second.url, 3);
    await clients.stop();
    expect(clients.lost).toEqual([]);
    expect(clients.closedByServer(first.url)).toBeGreaterThanOrEqual(35);
    expect(first.log).toContainEqual(expect.objectContaining({ msg: 'stopped', clean: true }));
  }, 30_000);
});

describe.each(['SIGTERM', 'SIGINT'] as const)('after %s', (signal) => {
  it('the replica is not ready, alive, and asks every client to go elsewhere', async () => {
    // Longer than any machine needs for a few requests.
    const gateway = await start({ delaySeconds: 60, timeoutSeconds: 60 });
    const kept = new Agent({ keepAlive: true });
    expect((await ask(gateway.url, 'GET', '/health/ready', undefined, {}, kept)).headers.connection).toBe('keep-alive');
    gateway.signal(signal);
    await gateway.line(({ msg }) => msg === 'stopping');
    const answers = [
      await ask(gateway.url, 'GET', '/health/ready', undefined, {}, kept),
      await ask(gateway.url, 'GET', '/health/live', undefined, {}, kept),
      await ask(gateway.url, 'GET', '/targets', undefined, {}, kept),
      await ask(gateway.url, 'GET', '/nowhere', undefined, {}, kept),
      await ask(gateway.url, 'POST', '/targets', undefined, {}, kept),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 200, 200, 404, 405]);
    expect(answers.map(({ headers }) => headers.connection)).toEqual(answers.map(() => 'close'));
  });

  it('it ends by itself once its delay is over', async () => {
    const gateway = await start({ delaySeconds: 0 });
    gateway.signal(signal);
    expect(await gateway.ended).toBe(0);
    await expect(ask(gateway.url, 'GET', '/health/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('an operation that runs when the replica is stopped', () => {
  it('is answered at once with 202, and goes on to its end', async () => {
    const gateway = await start({ delaySeconds: 0, timeoutSeconds: 10 });
    const waiting = ask(gateway.url, 'POST', '/sessions/flush', forced, patient);
    const entry = await vendors.journal.arrival('kill-all-clients');
    await vendors.journal.ended(entry);
    const began = Date.now();
    gateway.signal('SIGTERM');
    const { status, headers, body } = await waiting;
    expect(Date.now() - began).toBeLessThan(5000);
    expect(status).toBe(202);
    expect(headers).toMatchObject({ connection: 'close', 'sluice-state': 'running' });
    const { id } = JSON.parse(body) as { id: string };
    expect(await gateway.ended).toBe(0);
    expect(gateway.log).toContainEqual(
      expect.objectContaining({
        level: 'info',
        operation: id,
        state: 'succeeded',
        msg: 'an operation ended while stopping',
      }),
    );
    expect(gateway.log).toContainEqual(expect.objectContaining({ msg: 'stopped', clean: true }));
  });

  it('is recorded and logged as unknown if its vendor hangs', async () => {
    vendors.faults.add({ kind: 'silence-after', vendor: '1010data', call: 'resetpool' });
    const gateway = await start({ delaySeconds: 0, timeoutSeconds: 1 });
    const waiting = ask(gateway.url, 'POST', '/sessions/flush', { targets: ['bi-pool'], mode: 'forced' }, patient);
    await vendors.journal.arrival('resetpool');
    const began = Date.now();
    gateway.signal('SIGTERM');
    const { status, body } = await waiting;
    expect(status).toBe(202);
    const { id } = JSON.parse(body) as { id: string };
    expect(await gateway.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(5000);
    expect(gateway.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        operation: id,
        state: 'unknown',
        msg: 'an operation was left unknown while stopping',
        targets: [expect.objectContaining({ target: 'bi-pool', state: 'unknown' })],
      }),
    );
    expect(gateway.log).toContainEqual(expect.objectContaining({ msg: 'stopped', clean: false }));
    expect(vendors.journal.of('resetpool')).toHaveLength(1);
  });

  it('is left behind by a second signal', async () => {
    vendors.faults.add({ kind: 'silence-after', vendor: '1010data', call: 'resetpool' });
    const gateway = await start({ delaySeconds: 0, timeoutSeconds: 60 });
    const waiting = ask(gateway.url, 'POST', '/sessions/flush', { targets: ['bi-pool'], mode: 'forced' }, patient);
    await vendors.journal.arrival('resetpool');
    gateway.signal('SIGTERM');
    await waiting;
    gateway.signal('SIGINT');
    expect(await gateway.ended).toBe(1);
  });
});

describe('the management port', () => {
  it('stays open until the end', async () => {
    vendors.faults.add({ kind: 'silence-after', vendor: '1010data', call: 'resetpool' });
    const gateway = await start({ delaySeconds: 0, timeoutSeconds: 2 }, { management: { port: 0 } });
    const waiting = ask(gateway.url, 'POST', '/sessions/flush', { targets: ['bi-pool'], mode: 'forced' }, patient);
    await vendors.journal.arrival('resetpool');
    gateway.signal('SIGTERM');
    await waiting;
    expect(await ask(gateway.managementUrl, 'GET', '/health/ready')).toMatchObject({ status: 503 });
    expect(await ask(gateway.managementUrl, 'GET', '/health/live')).toMatchObject({ status: 200 });
    const { body } = await ask(gateway.managementUrl, 'GET', '/metrics');
    expect(body).toContain('sluice_operations_running 1');
    expect(await gateway.ended).toBe(0);
  });
});
