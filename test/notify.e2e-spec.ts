import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startApp, version, type RunningApp } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import { openSource } from '../src/platform/live/reload.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { startBuilt } from './built-gateway.ts';
import { configFor, demoKeys, openGateway, operationOf, type Config, type Gateway } from './gateway.ts';
import { hold, isSignedBy, refuseBy, startReceiver, take, type Receiver } from './notify-receiver.ts';
import { hasPostgres, startPostgres } from './postgres.ts';
import { until } from './until.ts';

const onPostgres = hasPostgres('notifications of two replicas');
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const everything = ['forced', 'unknown', 'approval', 'breakGlass', 'capRefused', 'drained'];

let vendors: Vendors;
let folder: string;
let receiver: Receiver;
let gateway: Gateway | undefined;
let running: RunningApp | undefined;

beforeAll(async () => {
  vendors = await startVendors();
});
beforeEach(async () => {
  vendors.reset();
  receiver = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), 'sluice-notify-'));
  writeFileSync(join(folder, 'secret'), `${secret}\n`);
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await running?.stop();
  running = undefined;
  await receiver.close();
  rmSync(folder, { recursive: true });
});
afterAll(async () => {
  await vendors.close();
});

const told = (more: object = {}) => ({
  name: 'pager',
  url: { env: 'PAGER_URL' },
  on: everything,
  secret: { file: join(folder, 'secret') },
  ...more,
});

async function open(notify: readonly object[] = [told()], change?: (config: Config) => void): Promise<Gateway> {
  gateway = await openGateway({
    vendors,
    environment: { PAGER_URL: receiver.url },
    change: (config) => {
      Object.assign(config, { notify, store: { sqlite: { path: join(folder, 'sluice.db') } } });
      change?.(config);
    },
  });
  return gateway;
}

const flush = (body: object, options: object = {}) =>
  gateway!.call('POST', '/sessions/flush', { body: { reason: 'a drill', ...body }, ...options });

describe('a forced flush', () => {
  it('is told, signed, with what was asked and by whom', async () => {
    await open();
    const { id } = operationOf(await flush({ targets: ['carts'], mode: 'forced', onBehalfOf: 'sue' }));
    const [notification] = await receiver.having('operation.forced');
    expect(isSignedBy(secret, notification!)).toBe(true);
    expect(notification!.headers['content-type']).toBe('application/json');
    expect(JSON.parse(notification!.text)).toMatchObject({
      type: 'operation.forced',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        operation: id,
        path: `/operations/${id}`,
        kind: 'sessions.flush',
        mode: 'forced',
        state: 'running',
        requestedBy: 'demo-operator',
        onBehalfOf: 'sue',
        reason: 'a drill',
        targets: [{ target: 'carts', backend: 'dcs' }],
        targetsOmitted: 0,
      },
    });
  });

  it('is not told of a dry run, a graceful one, or to those who did not ask', async () => {
    await open([told(), told({ name: 'other', on: ['drained'] }), told({ name: 'far', targets: ['orders'] })]);
    await flush({ targets: ['carts'], mode: 'forced', dryRun: true });
    await flush({ targets: ['carts'], mode: 'graceful' });
    await flush({ targets: ['carts'], mode: 'forced' });
    await receiver.having('operation.forced');
    const { text } = await gateway!.call('GET', '/metrics');
    expect(receiver.received.map(({ type }) => type)).toEqual(['operation.forced']);
    expect(text).toContain('sluice_notifications_total{receiver="far",outcome="sent"} 0');
  });

  it('ends while its receiver does not answer', async () => {
    receiver.answer = hold;
    await open();
    const answer = await flush({ targets: ['carts'], mode: 'forced' });
    expect(operationOf(answer).state).toBe('succeeded');
    await receiver.having('operation.forced');
    expect(operationOf(await flush({ targets: ['orders'], mode: 'forced' })).endedAt).not.toBeNull();
  });
});

describe('a notification that is not received', () => {
  it('is sent again, the same under the same id', async () => {
    receiver.answer = refuseBy(500);
    await open();
    await flush({ targets: ['carts'], mode: 'forced' });
    await receiver.having('operation.forced');
    receiver.answer = take;
    const [first, second] = await receiver.having('operation.forced', 2);
    expect([second!.id, second!.text]).toEqual([first!.id, first!.text]);
    expect(isSignedBy(secret, second!)).toBe(true);
  });

  it('is not sent to where a redirect leads', async () => {
    const other = await startReceiver();
    receiver.answer = refuseBy(307, { location: other.url });
    await open();
    await flush({ targets: ['carts'], mode: 'forced' });
    await until(
      () => gateway!.call('GET', '/metrics'),
      ({ text }) => text.includes('sluice_notifications_total{receiver="pager",outcome="failed"} 1'),
    );
    expect(other.received).toEqual([]);
    await other.close();
  });

  it('is given up where the receiver says that it is gone', async () => {
    receiver.answer = refuseBy(410);
    await open();
    await flush({ targets: ['carts'], mode: 'forced' });
    await until(
      () => gateway!.call('GET', '/metrics'),
      ({ text }) =>
        text.includes('sluice_notifications_total{receiver="pager",outcome="lost"} 1') &&
        text.includes('sluice_notifications_waiting{receiver="pager"} 0'),
    );
    const lines = gateway!.log.map((line) => JSON.stringify(line));
    expect(lines.some((line) => line.includes('notifications were given up'))).toBe(true);
    const { port } = new URL(receiver.url);
    expect(lines.filter((line) => line.includes(`${port}/hook`) || line.includes('whsec_'))).toEqual([]);
  });

  it('is sent after a restart', async () => {
    receiver.answer = hold;
    await open();
    await flush({ targets: ['carts'], mode: 'forced' });
    const [first] = await receiver.having('operation.forced');
    await gateway!.close();
    receiver.answer = take;
    await open();
    const [, second] = await receiver.having('operation.forced', 2);
    expect(second!.id).toBe(first!.id);
  });
});

describe('a kill that a cap refuses', () => {
  it('is told once, however often it is tried', async () => {
    await open([told()], (config) => {
      for (const target of config.targets) if (target.name === 'orders') target['maxProcesses'] = 1;
    });
    for (let tried = 0; tried < 3; tried += 1) {
      const answer = await gateway!.call('DELETE', '/processes?target=orders&user=web');
      expect(answer.status).toBe(422);
    }
    const [notification] = await receiver.having('call.capRefused');
    expect(notification!.data).toMatchObject({ code: 'too-many-processes', targets: ['orders'] });
    await flush({ targets: ['carts'], mode: 'forced' });
    await receiver.having('operation.forced');
    expect(receiver.received).toHaveLength(2);
  });
});

describe('an approval', () => {
  it('is told when it is asked for, and when it is decided', async () => {
    await open([told()], (config) => {
      config.approval = { forced: true };
    });
    const asked = await flush({ targets: ['carts'], mode: 'forced', approval: 'request' });
    const { id } = operationOf(asked);
    const [requested] = await receiver.having('operation.approval.requested');
    expect(requested!.data).toMatchObject({ operation: id, state: 'awaitingApproval', approval: { decision: null } });
    await gateway!.call('POST', `/operations/${id}/approve`, { key: demoKeys.admin, body: { reason: 'seen' } });
    const [approved] = await receiver.having('operation.approval.approved');
    expect(approved!.data).toMatchObject({ approval: { decision: 'approved', by: 'demo-admin', reason: 'seen' } });
    const [forced] = await receiver.having('operation.forced');
    expect(forced!.data).toMatchObject({ operation: id });
  });
});

describe('a graceful flush of a pool', () => {
  it('is told once its drain is over, by which all have logged out', async () => {
    await open();
    const { id } = operationOf(await flush({ targets: ['bi-pool'], mode: 'graceful' }));
    await flush({ targets: ['bi-pool'], mode: 'forced' });
    const { id: newer } = operationOf(await flush({ targets: ['bi-pool'], mode: 'graceful' }));
    const all = await receiver.having('operation.drained', 2);
    expect(all.map(({ data }) => data)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          operation: newer,
          target: 'bi-pool',
          drain: { state: 'drained', remaining: 0, checkedAt: expect.any(String) },
        }),
        expect.objectContaining({ operation: id, drain: expect.objectContaining({ remaining: 0 }) }),
      ]),
    );
  });
});

describe('an operation of which nobody can say what became', () => {
  it('is told', async () => {
    await open();
    vendors.faults.add({ vendor: '1010data', call: 'flushpool', kind: 'reset-after' });
    const { id } = operationOf(await flush({ targets: ['bi-pool', 'carts'] }));
    const [unknown] = await receiver.having('operation.unknown');
    expect(unknown!.data).toMatchObject({
      operation: id,
      state: 'partial',
      targets: [
        { target: 'bi-pool', state: 'unknown', code: 'outcome-unknown' },
        { target: 'carts', state: 'succeeded', code: null },
      ],
    });
  });
});

describe('a program that is killed', () => {
  it('sends what it had written once it runs again, under the same id', async () => {
    receiver.answer = refuseBy(503);
    const config = configFor(vendors, {
      change: (written) => {
        Object.assign(written, { notify: [told()], store: { sqlite: { path: join(folder, 'sluice.db') } } });
      },
    });
    const start = () => startBuilt(JSON.stringify(config), { environment: { PAGER_URL: receiver.url } });
    const killed = start();
    const { url } = await killed.listening();
    const answer = await fetch(`${url}/sessions/flush`, {
      method: 'POST',
      headers: { 'x-api-key': demoKeys.operator, 'content-type': 'application/json' },
      body: JSON.stringify({ targets: ['carts'], mode: 'forced', reason: 'a drill' }),
    });
    expect(answer.status).toBe(200);
    const [first] = await receiver.having('operation.forced');
    await killed.close();
    receiver.answer = take;
    const again = start();
    const [, second] = await receiver.having('operation.forced', 2);
    expect([second!.id, second!.text]).toEqual([first!.id, first!.text]);
    expect(isSignedBy(secret, second!)).toBe(true);
    await again.close();
    expect(again.output()).not.toContain(new URL(receiver.url).host);
  });
});

(onPostgres ? describe : describe.skip)('two replicas', () => {
  it('send each notification once, whichever wrote it', async () => {
    const server = await startPostgres();
    const store = { postgres: { url: { env: 'STORE_URL' } } };
    const options = {
      vendors,
      environment: { PAGER_URL: receiver.url, STORE_URL: await server.database() },
      change: (config: Config) => {
        Object.assign(config, { notify: [told()], store });
      },
    };
    const replicas = [await openGateway(options), await openGateway(options)];
    const begun: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      for (const [index, target] of ['carts', 'orders'].entries()) {
        const body = { targets: [target], mode: 'forced', reason: 'a drill' };
        begun.push(operationOf(await replicas[index]!.call('POST', '/sessions/flush', { body })).id);
      }
    }
    await receiver.having('operation.forced', begun.length);
    await until(
      () => replicas[0]!.call('GET', '/metrics'),
      ({ text }) => text.includes('sluice_notifications_waiting{receiver="pager"} 0'),
    );
    await Promise.all(replicas.map((replica) => replica.close()));
    await server.drop();
    expect(receiver.received.map(({ data }) => String(data['operation'])).toSorted()).toEqual(begun.toSorted());
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(begun.length);
  });
});

describe('another configuration', () => {
  it('notifies others, signs by what the files say then, and drops what waits for those that it does not name', async () => {
    const file = join(folder, 'sluice.yaml');
    const newer = `whsec_${Buffer.alloc(48, 5).toString('base64')}`;
    const write = (...notify: readonly object[]) => {
      const change = (config: Config): void => {
        Object.assign(config, { notify, store: { sqlite: { path: join(folder, 'sluice.db') } } });
      };
      writeFileSync(file, JSON.stringify(configFor(vendors, { change })));
    };
    const gone = await startReceiver();
    gone.answer = refuseBy(500);
    write(told({ name: 'gone', url: { env: 'GONE_URL' } }));
    const source = openSource(file, backends, {
      ...gatewayEnvironment,
      PAGER_URL: receiver.url,
      GONE_URL: gone.url,
    });
    running = await startApp(source.configuration, openLog('silent', version, { write: () => undefined }), { source });
    const flushNow = () =>
      fetch(`${running!.url}/sessions/flush`, {
        method: 'POST',
        headers: { 'x-api-key': demoKeys.operator, 'content-type': 'application/json' },
        body: JSON.stringify({ targets: ['carts'], mode: 'forced', reason: 'a drill' }),
      });
    const headers = { 'x-api-key': demoKeys.operator };
    const metrics = async () => (await fetch(`${running!.managementUrl}/metrics`, { headers })).text();
    await flushNow();
    await gone.having('operation.forced');
    write(told());
    writeFileSync(join(folder, 'secret'), newer);
    running.reload();
    await until(metrics, (text) => text.includes('sluice_notifications_total{receiver="pager",outcome="sent"} 0'));
    await flushNow();
    const [notification] = await receiver.having('operation.forced');
    expect([isSignedBy(newer, notification!), isSignedBy(secret, notification!)]).toEqual([true, false]);
    expect(await metrics()).not.toContain('receiver="gone"');
    expect(await metrics()).toContain('sluice_notifications_total{receiver="none",outcome="lost"} 1');
    expect(await metrics()).toContain('sluice_notifications_waiting{receiver="pager"} 0');
    await gone.close();
    expect([gone.received.length, receiver.received.length]).toEqual([1, 1]);
  });
});
