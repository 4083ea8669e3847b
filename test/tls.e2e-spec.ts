import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { demoKeys, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startApp, version, type RunningApp } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import { openSource } from '../src/platform/live/reload.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { configFor } from './gateway.ts';
import { selfSigned, type KeyPair } from './self-signed.ts';
import { until } from './until.ts';

let vendors: Vendors;
let folder: string;
let running: RunningApp | undefined;
let log: { readonly msg: string }[];
let release = 0;
const first = selfSigned('127.0.0.1', 2048);
const second = selfSigned('127.0.0.1', 2049);

beforeEach(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await vendors.close();
  rmSync(folder, { recursive: true });
});

/** Puts both files in place at once, as Kubernetes does: a new folder, and the link to it. */
function mount({ cert, key }: Pick<KeyPair, 'cert' | 'key'>): void {
  release += 1;
  const made = `release-${String(release)}`;
  mkdirSync(join(folder, made));
  writeFileSync(join(folder, made, 'tls.crt'), cert);
  writeFileSync(join(folder, made, 'tls.key'), key);
  symlinkSync(made, join(folder, 'next'));
  renameSync(join(folder, 'next'), join(folder, '..data'));
}

function layFiles(pair: KeyPair): void {
  mount(pair);
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name));
}

async function start(server: object = {}): Promise<void> {
  log = [];
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const limits = { overload: { eventLoopDelayMs: 10_000 }, caller: { requests: 1_000_000, seconds: 1 } };
  const config = { ...configFor(vendors, { server: { host: '127.0.0.1', tls, ...server } }), limits };
  mkdirSync(join(folder, 'config'));
  const file = join(folder, 'config', 'sluice.yaml');
  writeFileSync(file, JSON.stringify(config));
  const source = openSource(file, backends, gatewayEnvironment);
  const write = (line: string): void => void log.push(JSON.parse(line) as { msg: string });
  running = await startApp(source.configuration, openLog('trace', version, { write }), { source });
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** The serial text of the certificate that was shown. */
  readonly fingerprint: string;
}

/** Whose certificate it is stands in the answer. */
const trusted = { rejectUnauthorized: false };

function ask(path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(`${running!.url}${path}`, { agent, headers: { 'x-api-key': demoKeys.operator } }, (response) => {
      const { fingerprint256: fingerprint } = (response.socket as TLSSocket).getPeerCertificate();
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text, fingerprint });
      });
    }).on('error', reject);
  });
}

const askAnew = (path: string) => ask(path, new Agent(trusted));
const told = (msg: string) => log.filter((line) => line.msg === msg);

async function metric(name: string): Promise<number> {
  const { text } = await askAnew('/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

const expiry = 'sluice_credential_expiry_timestamp_seconds{kind="certificate",name="server.tls"}';

describe('a server with a certificate', () => {
  it('speaks HTTPS, of TLS 1.2 or newer, and tells when the certificate ends', async () => {
    layFiles(first);
    await start();
    expect(running!.url).toMatch(/^https:/);
    expect((await ask('/targets', new Agent({ ca: first.cert }))).status).toBe(200);
    expect(new Date((await metric(expiry)) * 1000).toISOString()).toBe('2048-12-31T23:59:59.000Z');
    const old = new Agent({ ...trusted, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(ask('/targets', old)).rejects.toThrow(/protocol version|alert/);
  });

  it('keeps the port for health and metrics plain', async () => {
    layFiles(first);
    await start({ management: { port: 0 } });
    expect(running!.managementUrl).toMatch(/^http:/);
    expect((await fetch(`${running!.managementUrl}/health/ready`)).status).toBe(200);
    expect((await askAnew('/targets')).status).toBe(200);
  });

  it('cuts who does not speak TLS, and goes on', async () => {
    layFiles(first);
    await start();
    const { port } = new URL(running!.url);
    const plain = connectPlain(Number(port), '127.0.0.1');
    const pieces: Buffer[] = [];
    plain.on('data', (piece: Buffer) => pieces.push(piece));
    plain.on('error', () => undefined);
    plain.write('GET /targets HTTP/1.1\r\nHost: here\r\n\r\n');
    await new Promise((resolve) => plain.once('close', resolve));
    expect(Buffer.concat(pieces).toString()).not.toContain('HTTP/1.1');
    // A caller that does not trust the certificate goes away in the middle of it.
    await expect(ask('/targets', new Agent())).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect((await askAnew('/targets')).status).toBe(200);
    expect(log.filter((line) => 'err' in line)).toEqual([]);
  });

  it('answers what is no HTTP inside of TLS', async () => {
    layFiles(first);
    await start();
    const { port } = new URL(running!.url);
    const socket = connect({ port: Number(port), host: '127.0.0.1', ...trusted });
    socket.write('nonsense\r\n\r\n');
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(pieces).toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"invalid-request"/);
  });
});

describe('a certificate that is replaced', () => {
  it('is used for new connections without a lost request, and those that are open go on', async () => {
    layFiles(first);
    await start();
    const load = { isOver: false, lost: [] as unknown[], seen: new Map<string, number>() };
    const client = async (isKept: boolean): Promise<void> => {
      const agent = new Agent({ ...trusted, keepAlive: isKept, maxSockets: 1, maxCachedSessions: isKept ? 1 : 0 });
      while (!load.isOver && load.lost.length < 10) {
        try {
          const { status, fingerprint } = await ask('/targets', agent);
          if (status !== 200) load.lost.push(status);
          if (!isKept) load.seen.set(fingerprint, (load.seen.get(fingerprint) ?? 0) + 1);
        } catch (thrown) {
          load.lost.push(thrown);
        }
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 8 }, (_, index) => client(index % 2 === 0));
    await until(
      () => load.seen,
      (seen) => seen.size === 1 && [...seen.values()].every((count) => count > 20),
    );
    mount(second);
    await until(
      () => load.seen,
      (seen) => seen.size === 2 && [...seen.values()].every((count) => count > 20),
    );
    load.isOver = true;
    await Promise.all(clients);
    expect(load.lost).toEqual([]);
    expect(told('certificate of the server read again')).toEqual([
      expect.objectContaining({ level: 'info', endsAt: '2049-12-31T23:59:59.000Z' }),
    ]);
    expect(new Date((await metric(expiry)) * 1000).getUTCFullYear()).toBe(2049);
  });

  it('is not used where the key does not fit, which is told once, until it does', async () => {
    layFiles(first);
    await start();
    const before = (await askAnew('/targets')).fingerprint;
    mount({ cert: second.cert, key: first.key });
    const rejections = () => told('certificate of the server rejected: the one before is used');
    await until(rejections, ({ length }) => length > 0);
    expect(rejections()).toEqual([
      expect.objectContaining({
        level: 'error',
        errors: ['server.tls.key: names a key that does not fit the certificate'],
      }),
    ]);
    expect(await metric('sluice_certificate_last_reload_successful')).toBe(0);
    expect((await askAnew('/targets')).fingerprint).toBe(before);
    // It is looked at again, and told no second time; a changed configuration is used meanwhile.
    running!.reload();
    await until(
      () => told('configuration reloaded'),
      ({ length }) => length > 0,
    );
    expect(rejections()).toHaveLength(1);
    mount(second);
    await until(
      () => metric('sluice_certificate_last_reload_successful'),
      (value) => value === 1,
    );
    expect((await askAnew('/targets')).fingerprint).not.toBe(before);
  });

  it('is missed when its file is gone', async () => {
    layFiles(first);
    await start();
    rmSync(join(folder, 'tls.key'));
    await until(
      () => metric('sluice_certificate_last_reload_successful'),
      (value) => value === 0,
    );
    expect((await askAnew('/targets')).status).toBe(200);
    symlinkSync(join('..data', 'tls.key'), join(folder, 'tls.key'));
    await until(
      () => told('the files of the certificate are again as they are used'),
      ({ length }) => length > 0,
    );
    expect(await metric('sluice_certificate_last_reload_successful')).toBe(1);
  });
});

describe('a configuration with a certificate that cannot be used', () => {
  const refusal = (server: object): string => {
    const file = join(folder, 'sluice.yaml');
    writeFileSync(file, JSON.stringify(configFor(vendors, { server })));
    try {
      openSource(file, backends, gatewayEnvironment);
      return '';
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };
  const pem = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  it.each([
    [
      'a missing certificate',
      () => ({ cert: '/nowhere/tls.crt' }),
      'server.tls.cert: names a file that cannot be read',
    ],
    ['a missing key', () => ({ key: join(folder, 'no.key') }), 'server.tls.key: names a file that cannot be read: '],
    ['another key', () => ({ key: pem('b.key', String(second.key)) }), 'server.tls.key: names a key that does not fit'],
    [
      'no certificate',
      () => ({ cert: pem('b.crt', 'hello') }),
      'server.tls.cert: names a file that holds no certificate',
    ],
    [
      'no key',
      () => ({ key: pem('b.key', first.cert) }),
      'server.tls.key: names a file that holds no private key in PEM',
    ],
    [
      'a broken certificate',
      () => ({ cert: pem('b.crt', first.cert.replace(/MII.{20}/, 'MII')) }),
      'server.tls.cert: names a',
    ],
    [
      'another first',
      () => ({ cert: pem('b.crt', second.cert + first.cert) }),
      'the certificate of the key is not the first',
    ],
    ['the key itself', () => ({ key: String(first.key) }), 'server.tls.key: must be the path of a file in PEM'],
    ['only one of them', () => ({ key: undefined }), 'server.tls.key: '],
    ['an encrypted key', () => ({ key: pem('b.key', '-----BEGIN ENCRYPTED PRIVATE KEY-----\n') }), 'must have none'],
  ])('names the place of %s', (_what, change, expected) => {
    const usual = { cert: pem('a.crt', first.cert), key: pem('a.key', String(first.key)) };
    const message = refusal({ tls: { ...usual, ...change() } });
    expect(message).toContain(expected);
    expect(message).not.toContain('PRIVATE KEY-----');
    expect(message).not.toContain(String(first.key).slice(40, 80));
    expect(refusal({ tls: usual })).toBe('');
  });
});
