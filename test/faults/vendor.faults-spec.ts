import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type SecureVersion, type Server as TlsServer } from 'node:tls';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { writeConfig } from '../config-file.ts';
import { freePort } from '../free-port.ts';
import { openGateway, operationOf, problemOf, type Answer, type Config, type Gateway } from '../gateway.ts';
import { ScriptedServer } from '../scripted-server.ts';
import { selfSigned } from '../self-signed.ts';
import { counting, vendorRows, type Told } from './vendor-rows.ts';

const answerMs = 500;
const connectMs = 500;
/** What any row may take, on a machine that is busy with much else: nothing waits for anything without an end. */
const boundMs = 10_000;
/**
 * What may come of an answer without end before it is cut off: its limit is 256 KB, the rest are buffers of two
 * kernels.
 */
const mostBytes = 16 * 1024 * 1024;

interface Expected {
  readonly status: number;
  readonly state: string;
  readonly code: string | undefined;
  readonly retryable: boolean | undefined;
}

const expected: Readonly<Record<Told, Expected>> = {
  succeeded: { status: 200, state: 'succeeded', code: undefined, retryable: undefined },
  unknown: { status: 424, state: 'unknown', code: 'outcome-unknown', retryable: false },
  rejected: { status: 502, state: 'failed', code: 'upstream-rejected', retryable: false },
  throttled: { status: 503, state: 'failed', code: 'upstream-throttled', retryable: true },
  'never sent': { status: 503, state: 'failed', code: 'upstream-unavailable', retryable: true },
};

/** What a caller was told; for a flush that is done, its problem has no code. */
function toldOf(answer: Answer): Expected {
  const { code, retryable } = answer.status === 200 ? {} : problemOf(answer);
  return { status: answer.status, state: answer.headers['sluice-state'] ?? '', code, retryable };
}

/** Gives a gateway one more connection to 1010data, and a pool behind it, both under this name. */
function addPool(config: Config, name: string, members: object): void {
  config.connections[name] = { ...config.connections['tenten'], ...members };
  config.targets.push({ name, backend: '1010data', connection: name, pool: 'acme_pool' });
}

const flush = (gateway: Gateway, target: string): Promise<Answer> =>
  gateway.call('POST', '/sessions/flush', {
    body: { targets: [target], mode: 'forced' },
    headers: { prefer: 'wait=30' },
  });

let vendors: Vendors;

beforeAll(async () => {
  vendors = await startVendors();
});

afterAll(() => vendors.close());

describe('a vendor or a network that fails', () => {
  let gateway: Gateway;
  const servers: ScriptedServer[] = [];
  const written: number[] = vendorRows.map(() => 0);
  const name = (index: number): string => `row-${String(index)}`;

  beforeAll(async () => {
    for (const [index, { script }] of vendorRows.entries()) {
      const count = counting((bytes) => {
        written[index] = bytes;
      });
      servers.push(await ScriptedServer.start({ ...script, steps: [count, ...script.steps] }));
    }
    gateway = await openGateway({
      vendors,
      traffic: { timeouts: { connectMs, answerMs } },
      change: (config) => {
        for (const [index, server] of servers.entries()) addPool(config, name(index), { url: server.url('/gw.k') });
      },
    });
  });

  afterAll(async () => {
    await gateway.close();
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  it.each(vendorRows.map((row, index) => [row.row, row.fault, row.told, row.arrives, index] as const))(
    'row %d, %s: %s, and arrives %d times',
    async (row, _fault, told, arrives, index) => {
      const since = performance.now();
      const answer = await flush(gateway, name(index));
      expect(performance.now() - since).toBeLessThan(boundMs);
      expect(toldOf(answer)).toEqual(expected[told]);
      const resets = (): number =>
        servers[index]!.ledger.filter(({ requestLine }) => requestLine.includes('api=resetpool')).length;
      expect(resets()).toBe(arrives);
      if (row === 13) await servers[index]!.closed();
      expect(written[index]).toBeLessThan(mostBytes);
      // The next caller, of another vendor, notices nothing.
      expect((await flush(gateway, 'bi-pool')).status).toBe(200);
      expect(resets()).toBe(arrives);
    },
  );
});

describe('a vendor that cannot be reached', () => {
  const requests: string[] = [];
  const tls: TlsServer[] = [];
  let gateway: Gateway;
  const dropped: (() => void)[] = [];

  async function startTls(address?: string, lastYear?: number, maxVersion: SecureVersion = 'TLSv1.3'): Promise<object> {
    const pair = selfSigned(address, lastYear);
    const server = createTlsServer(
      { ...pair, maxVersion, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      (socket) => {
        socket.on('data', (piece: Buffer) => {
          requests.push(piece.toString().split('\r\n', 1)[0] ?? '');
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n<out><rc>0</rc><msg>OK</msg></out>');
        });
        socket.on('error', () => undefined);
      },
    );
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    tls.push(server);
    const { file: ca, drop } = writeConfig('');
    writeFileSync(ca, pair.cert);
    dropped.push(drop);
    return { url: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/gw.k`, ca };
  }

  beforeAll(async () => {
    const quiet = await ScriptedServer.start();
    dropped.push(() => void quiet[Symbol.asyncDispose]());
    const { ca: _none, ...unknownIssuer } = (await startTls()) as { ca: string };
    const members: Readonly<Record<string, object>> = {
      'row-1-port-closed': { url: `http://127.0.0.1:${String(await freePort())}/gw.k` },
      'row-2-no-such-name': { url: 'https://nobody.invalid/gw.k' },
      'row-5-in-order': await startTls(),
      'row-5-self-signed': unknownIssuer,
      'row-5-expired': await startTls('127.0.0.1', 2021),
      'row-5-wrong-name': await startTls('127.0.0.2'),
      'row-5-tls-1-1-only': await startTls('127.0.0.1', 2049, 'TLSv1.1'),
      'row-5-silent-handshake': { url: `https://127.0.0.1:${String(quiet.port)}/gw.k` },
    };
    gateway = await openGateway({
      vendors,
      traffic: { timeouts: { connectMs, answerMs: 5000 } },
      change: (config) => {
        for (const [name, given] of Object.entries(members)) addPool(config, name, given);
      },
    });
  });

  afterAll(async () => {
    await gateway.close();
    for (const server of tls) server.close();
    for (const drop of dropped) drop();
  });

  it.each([
    'row-1-port-closed',
    'row-2-no-such-name',
    'row-5-self-signed',
    'row-5-expired',
    'row-5-wrong-name',
    'row-5-tls-1-1-only',
  ])('%s: never sent, and may be sent again', async (target) => {
    requests.length = 0;
    const since = performance.now();
    const answer = await flush(gateway, target);
    expect(performance.now() - since).toBeLessThan(boundMs);
    expect(toldOf(answer)).toEqual(expected['never sent']);
    expect(operationOf({ ...answer, body: problemOf(answer).operation }).counts.unknown).toBe(0);
    expect(requests).toEqual([]);
  });

  it('row-5-silent-handshake: never sent, once the time to connect is over', async () => {
    const answer = await flush(gateway, 'row-5-silent-handshake');
    expect(toldOf(answer)).toEqual({ status: 504, state: 'failed', code: 'upstream-timeout', retryable: true });
    expect(operationOf({ ...answer, body: problemOf(answer).operation }).counts.unknown).toBe(0);
  });

  it('row-5-in-order: the same, but for nothing wrong, is sent', async () => {
    requests.length = 0;
    expect(toldOf(await flush(gateway, 'row-5-in-order'))).toEqual(expected.succeeded);
    expect(requests.filter((line) => line.includes('api=resetpool'))).toHaveLength(1);
  });
});
