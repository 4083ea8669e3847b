import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { demoKeys, gatewayConfig, gatewayEnvironment } from '../../sandbox/gateway-config.ts';
import { PROJECT } from '../../sandbox/huawei/account.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { selfSigned } from '../self-signed.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

/** The built gateway in front of emulated vendors, and callers that make it go through everything it measures. */
export interface LoadedGateway {
  /** Where its API is. */
  readonly url: string;
  /** The file of its certificate, which callers have to trust. */
  readonly certificate: string;
  /** `host:port` of its health and metrics. */
  readonly address: string;
  /** One round of every kind of request, with faults of vendors in between: a few seconds. */
  round(): Promise<void>;
  scrape(): Promise<string>;
  /** Ends the gateway and the vendors, and removes what was written. */
  close(): Promise<void>;
}

/** Short time-outs, and a budget so small that it is exceeded. */
const traffic = {
  timeouts: { connectMs: 500, answerMs: 400, lookMs: 900 },
  breaker: { failures: 3, openMs: 700 },
};

const pagerEnvironment = {
  PAGER_URL: 'http://127.0.0.1:9/',
  PAGER_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

/** Where it listens, as its log says. */
interface Listening {
  readonly url: string;
  readonly managementUrl: string;
}

function configOf(urls: Vendors['urls'], folder: string, tls: object): string {
  const config = JSON.parse(gatewayConfig(urls, { traffic })) as {
    server?: object;
    connections: Record<string, Record<string, unknown>>;
    targets: Record<string, unknown>[];
  };
  const changes: Readonly<Record<string, object>> = {
    carts: { killsPerMinute: 1 },
    profiles: { connection: 'regional' },
  };
  const targets = config.targets.map((target) => ({ ...target, ...changes[String(target['name'])] }));
  // One that has to ask for its project.
  const { projectId: _, ...huawei } = config.connections['huawei'] ?? {};
  const aksk = { accessKey: { env: 'HUAWEI_AK' }, secretKey: { env: 'HUAWEI_SK' } };
  const endpoints = { geminidb: urls.geminidb, iam: urls.iam };
  const connections = {
    ...config.connections,
    regional: { ...huawei, region: PROJECT.name, auth: { aksk }, endpoints },
  };
  // As the chart has it: metrics have a port of their own, without a certificate.
  const store = { sqlite: { path: join(folder, 'sluice.db') } };
  // A receiver that is not there.
  const pager = {
    name: 'pager',
    url: { env: 'PAGER_URL' },
    on: ['forced', 'unknown'],
    secret: { env: 'PAGER_SECRET' },
  };
  const notify = [pager];
  return JSON.stringify({
    ...config,
    connections,
    notify,
    targets,
    store,
    server: { ...config.server, tls, management: { port: 0 } },
  });
}

/** Starts it; rejects with what it wrote if it does not come to listen. */
export async function startLoadedGateway(): Promise<LoadedGateway> {
  const vendors = await startVendors();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-monitoring-'));
  const file = join(folder, 'sluice.yaml');
  const pair = selfSigned();
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  writeFileSync(tls.cert, pair.cert);
  writeFileSync(tls.key, pair.key);
  setDefaultCACertificates([...getCACertificates('default'), pair.cert]);
  writeFileSync(file, configOf(vendors.urls, folder, tls));
  const child = spawn(process.execPath, [program], {
    env: { ...gatewayEnvironment, ...pagerEnvironment, LOG_LEVEL: 'info', SLUICE_CONFIG: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await vendors.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const errors: string[] = [];
  child.stderr.on('data', (piece: Buffer) => errors.push(piece.toString()));
  try {
    const { url, managementUrl } = await new Promise<Listening>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const told = JSON.parse(line) as Listening & { readonly msg?: string };
        if (told.msg === 'listening') resolve(told);
      });
      void ended.then(() => {
        reject(new Error(errors.join('')));
      });
    });
    return {
      url,
      certificate: tls.cert,
      address: new URL(managementUrl).host,
      round: () => round(url, vendors),
      scrape: async () => (await fetch(`${managementUrl}/metrics`)).text(),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

type Send = (
  method: string,
  path: string,
  options?: { key?: string | null; token?: string; body?: unknown; prefer?: string },
) => Promise<void>;

function senderTo(url: string): Send {
  return async (method, path, { key = demoKeys.operator, token, body, prefer = 'wait=1' } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        prefer,
        ...(key === null ? {} : { 'x-api-key': key }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
  };
}

const tune = { target: 'bi-user', settings: { infinityToNa: true } };
const everything = '/processes?target=bi-pool&target=ledger&target=orders&target=carts';

async function round(url: string, vendors: Vendors): Promise<void> {
  const send = senderTo(url);
  vendors.reset();
  const token = await vendors.identity.token({ sub: 'jo', groups: ['dba'] });
  await ordinary(send);
  await send('GET', '/targets', { key: null, token });
  vendors.faults.replace([
    { kind: 'throttle', vendor: 'taurusdb', times: 2 },
    { kind: 'html', vendor: '1010data', times: 1 },
    { kind: 'reset-after', vendor: 'taurusdb', call: 'delete-processes', times: 1 },
  ]);
  await disturbed(send);
  vendors.faults.replace([{ kind: 'latency', milliseconds: 200, vendor: '1010data' }]);
  await Promise.all([tune, tune].map((body) => send('POST', '/sessions/tune', { body })));
  vendors.faults.replace([
    { kind: 'status', status: 503, vendor: 'gaussdb' },
    { kind: 'silence-before', vendor: 'dcs', times: 1 },
  ]);
  await send('GET', '/processes?target=ledger&target=carts');
  for (let look = 0; look < 3; look += 1) await send('GET', '/processes?target=ledger');
  // The token that is held is refused, and IAM gives no other.
  vendors.faults.replace([
    {
      kind: 'reply',
      vendor: 'taurusdb',
      status: 401,
      body: '{"error_code":"APIGW.0307","error_msg":"expired"}',
      times: 1,
    },
    { kind: 'reply', vendor: 'iam', status: 401, body: '{"error":{"code":401,"message":"wrong"}}', times: 1 },
  ]);
  await send('GET', '/processes?target=orders');
  vendors.faults.clear();
  // IAM is not asked again for a second.
  await sleep(1100);
}

async function ordinary(send: Send): Promise<void> {
  await Promise.all([
    send('GET', everything),
    send('GET', '/targets'),
    send('GET', '/targets/orders'),
    send('GET', '/operations'),
    send('GET', '/operations/op_0123456789'),
    send('GET', '/nowhere'),
    send('GET', '/targets', { key: 'wrong' }),
    send('GET', '/targets', { key: null }),
    send('DELETE', '/processes?target=orders&node=primary&id=2075425&reason=load'),
    send('POST', '/sessions/tune', { body: tune }),
  ]);
  await send('DELETE', '/processes?target=carts&state=idle&minIdleSeconds=0', { key: demoKeys.admin });
  await send('POST', '/sessions/flush', { body: { targets: ['bi-pool', 'carts'], mode: 'graceful' } });
  await send('POST', '/sessions/flush', {
    body: { targets: ['orders'], mode: 'forced', reason: 'test' },
    prefer: 'respond-async',
  });
}

async function disturbed(send: Send): Promise<void> {
  await send('GET', everything);
  await send('DELETE', '/processes?target=orders&node=primary&state=idle');
  await send('DELETE', '/processes?target=orders&node=primary&id=9007199254740993');
}
