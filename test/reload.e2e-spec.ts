import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { demoKeys, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { FOREIGN_PROJECT, PROJECT } from '../sandbox/huawei/account.ts';
import { huaweiServiceNames } from '../sandbox/huawei/services.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startApp, version, type RunningApp } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import { openSource } from '../src/platform/live/reload.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { startBuilt } from './built-gateway.ts';
import { configFor, sha256, type Config } from './gateway.ts';

const deadlineMs = 8000;

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [member: string]: unknown;
}

let vendors: Vendors;
let folder: string;
let file: string;
let running: RunningApp | undefined;
let log: Line[];
const agent = new Agent({ keepAliveTimeout: 1000, connections: 50 });

beforeEach(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'sluice-reload-'));
  file = join(folder, 'sluice.yaml');
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await vendors.close();
  rmSync(folder, { recursive: true });
});

const written = (change?: (config: Config) => void) =>
  JSON.stringify(configFor(vendors, { ...(change ? { change } : {}) }));

async function start(): Promise<void> {
  log = [];
  const write = (line: string): void => {
    log.push(JSON.parse(line) as Line);
  };
  const source = openSource(file, backends, gatewayEnvironment);
  running = await startApp(source.configuration, openLog('trace', version, { write }), { source });
}

async function call(method: string, path: string, { key, body }: { key?: string; body?: unknown } = {}) {
  const { origin } = new URL(running!.url);
  const answer = await agent.request({
    origin,
    path,
    method,
    headers: {
      'x-api-key': key ?? demoKeys.operator,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, text };
}

/** Resolves as soon as it holds; fails at the deadline. */
async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`In ${String(deadlineMs)} ms not: ${what}\n${JSON.stringify(log.slice(-5))}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** How many targets the sandbox has. */
const count = (): number => configFor(vendors).targets.length;
const told = (msg: string) => log.filter((line) => line.msg === msg);
const reloaded = (count = 1) => until(() => told('configuration reloaded').length >= count, 'a reload');
const rejected = (count = 1) => until(() => told('configuration rejected').length >= count, 'a rejection');
const status = async (path: string, key?: string) => (await call('GET', path, key === undefined ? {} : { key })).status;

async function metric(series: string): Promise<number | null> {
  const { text } = await call('GET', '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length));
}

const iamCalls = () => vendors.journal.all().filter(({ vendor }) => vendor === 'iam').length;

const withoutCarts = (config: Config): void => {
  config.targets = config.targets.filter(({ name }) => name !== 'carts');
};
const withCache = (config: Config): void => {
  config.targets.push({ ...config.targets[4]!, name: 'cache', instanceId: '5560df16-cebf-4473-95c4-000000000000' });
};

describe('a changed configuration file', () => {
  it('is used at once when it is edited in place', async () => {
    writeFileSync(file, written());
    await start();
    expect(await status('/targets/carts')).toBe(200);
    const before = Date.now();
    writeFileSync(file, written(withoutCarts));
    await reloaded();
    expect(Date.now() - before).toBeLessThan(2000);
    expect(await status('/targets/carts')).toBe(404);
    expect(await status('/processes?target=carts')).toBe(404);
    expect(told('configuration reloaded')).toEqual([expect.objectContaining({ level: 'info', targets: count() - 1 })]);
    expect(await metric('sluice_config_reloads_total{outcome="ok"}')).toBe(1);
    expect(await metric('sluice_config_last_reload_successful')).toBe(1);
    expect(await metric('sluice_config_last_reload_timestamp_seconds')).toBeGreaterThanOrEqual(before / 1000);
  });

  it('is used when an editor puts another file in its place', async () => {
    writeFileSync(file, written());
    await start();
    for (const [count, change] of [withoutCarts, withCache].entries()) {
      writeFileSync(`${file}.new`, written(change));
      renameSync(`${file}.new`, file);
      await reloaded(count + 1);
    }
    expect([await status('/targets/carts'), await status('/targets/cache')]).toEqual([200, 200]);
  });

  it('is used when Kubernetes puts another folder behind the link', async () => {
    const place = (name: string, text: string): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'sluice.yaml'), text);
      symlinkSync(name, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    place('..2026_11_21_1', written());
    symlinkSync(join('..data', 'sluice.yaml'), file);
    await start();
    place('..2026_11_21_2', written(withoutCarts));
    rmSync(join(folder, '..2026_11_21_1'), { recursive: true });
    await reloaded();
    expect(await status('/targets/carts')).toBe(404);
    place('..2026_11_21_3', written(withCache));
    await reloaded(2);
    expect(await status('/targets/carts')).toBe(200);
  });

  it('sets other limits, and goes on counting by those that stand', async () => {
    const limited = (requests: number) => (config: Config) => {
      const hour = { requests, seconds: 3600 };
      Object.assign(config, { limits: { caller: hour, target: { requests: 1, seconds: 3600 } } });
    };
    writeFileSync(file, written(limited(3)));
    await start();
    expect(await status('/processes?target=bi-pool')).toBe(200);
    expect([await status('/targets'), await status('/targets'), await status('/targets')]).toEqual([200, 200, 429]);
    writeFileSync(file, written(limited(1000)));
    await reloaded();
    expect([await status('/targets'), await status('/processes?target=bi-pool')]).toEqual([200, 429]);
    writeFileSync(file, written());
    await reloaded(2);
    expect(await status('/processes?target=bi-pool')).toBe(200);
  });

  it('finds the project of another region, and keeps that of one that stays', async () => {
    const inRegion = (region: string) =>
      written(({ connections }) => {
        delete connections['huawei']!['projectId'];
        Object.assign(connections['huawei']!, { region });
      });
    const projects = () => new Set(vendors.journal.of('scan-clients').map(({ raw }) => raw.path.split('/')[2]));
    writeFileSync(file, inRegion(FOREIGN_PROJECT.name));
    await start();
    expect(await status('/processes?target=carts&limit=0')).toBe(502);
    writeFileSync(file, inRegion(PROJECT.name));
    await reloaded();
    vendors.journal.clear();
    expect(await status('/processes?target=carts&limit=0')).toBe(200);
    expect([projects(), iamCalls()]).toEqual([new Set([PROJECT.id]), 1]);
    writeFileSync(file, inRegion(PROJECT.name).replace('"carts"', '"cart"'));
    await reloaded(2);
    expect(await status('/processes?target=cart&limit=0')).toBe(200);
    expect(iamCalls()).toBe(1);
  });

  it('is no change if it says the same', async () => {
    writeFileSync(file, written());
    await start();
    writeFileSync(file, written());
    writeFileSync(file, written(withoutCarts));
    await reloaded();
    writeFileSync(`${file}.new`, written(withoutCarts));
    renameSync(`${file}.new`, file);
    writeFileSync(file, written());
    await reloaded(2);
    expect(await metric('sluice_config_reloads_total{outcome="ok"}')).toBe(2);
  });

  it('is rejected with every fault and no secret, and everything stays as it is, until it is valid', async () => {
    writeFileSync(file, written());
    await start();
    const broken = written((config) => {
      withoutCarts(config);
      config.connections['tenten']!['password'] = 'tell-nobody';
      config.targets[0]!['surprise'] = 'tell-nobody';
    });
    writeFileSync(file, broken);
    await rejected();
    expect(told('configuration rejected')).toEqual([
      expect.objectContaining({
        level: 'error',
        errors: [
          expect.stringMatching(/^connections\.tenten\.password: /),
          expect.stringMatching(/^targets\[0\]\.surprise: /),
        ],
      }),
    ]);
    expect(JSON.stringify(log)).not.toContain('tell-nobody');
    expect(await status('/targets/carts')).toBe(200);
    expect(await metric('sluice_config_reloads_total{outcome="rejected"}')).toBe(1);
    expect(await metric('sluice_config_last_reload_successful')).toBe(0);
    writeFileSync(file, written(withoutCarts));
    await reloaded();
    expect(await status('/targets/carts')).toBe(404);
    expect(await metric('sluice_config_last_reload_successful')).toBe(1);
  });

  it('is rejected half-written, and used once it is whole', async () => {
    writeFileSync(file, written());
    await start();
    const whole = written(withoutCarts);
    writeFileSync(file, whole.slice(0, whole.length / 2));
    await rejected();
    expect(await status('/targets/carts')).toBe(200);
    writeFileSync(file, whole);
    await reloaded();
    expect(await status('/targets/carts')).toBe(404);
  });

  it('is rejected while it is not UTF-8', async () => {
    writeFileSync(file, written());
    await start();
    writeFileSync(file, `# \u00e9\n${written(withoutCarts)}`, 'latin1');
    await rejected();
    expect(await status('/targets/carts')).toBe(200);
    writeFileSync(file, `# \u00e9\n${written(withoutCarts)}`);
    await reloaded();
    expect(await status('/targets/carts')).toBe(404);
  });

  it('is as good as before once what was broken is taken back', async () => {
    writeFileSync(file, written());
    await start();
    writeFileSync(file, '{');
    await rejected();
    rmSync(file);
    await rejected(2);
    writeFileSync(file, written());
    await until(async () => (await metric('sluice_config_last_reload_successful')) === 1, 'valid again');
    expect(told('configuration reloaded')).toEqual([]);
  });

  it('says what takes another start, and keeps to that', async () => {
    writeFileSync(file, written());
    await start();
    const elsewhere = (config: Config): void => {
      config.server['port'] = 1;
      config.server['docs'] = false;
    };
    writeFileSync(file, written(elsewhere));
    await reloaded();
    await until(() => told('configuration needs a restart').length > 0, 'a warning');
    expect(told('configuration needs a restart')).toEqual([
      expect.objectContaining({ level: 'warn', members: ['server.port', 'server.docs'] }),
    ]);
    expect(await status('/docs')).toBe(200);
  });

  it('lets nobody in without credentials while the server listens on more than loopback', async () => {
    writeFileSync(
      file,
      written((config) => (config.server['host'] = '0.0.0.0')),
    );
    await start();
    writeFileSync(
      file,
      written((config) => {
        config.server['host'] = '127.0.0.1';
        Object.assign(config.auth, { anonymous: 'admin' });
      }),
    );
    await rejected();
    expect(told('configuration rejected')[0]).toMatchObject({ errors: [expect.stringMatching(/^auth\.anonymous: /)] });
  });

  it('takes keys away and gives new ones', async () => {
    writeFileSync(file, written());
    await start();
    const key = 'another-key-of-the-operator';
    expect([await status('/targets', key), await status('/targets')]).toEqual([401, 200]);
    const rotated = (config: Config): void => {
      config.auth.apiKeys = [
        { name: 'demo-operator', sha256: sha256(key), grants: [{ role: 'operator', targets: ['*'] }] },
      ];
    };
    writeFileSync(file, written(rotated));
    await reloaded();
    expect([await status('/targets', key), await status('/targets')]).toEqual([200, 401]);
  });

  it('is read again on request, even if it says the same', async () => {
    writeFileSync(file, written());
    await start();
    running!.reload();
    await reloaded();
    expect(await status('/targets/carts')).toBe(200);
  });
});

describe('the built program', () => {
  it('follows its file, and uses it afresh on SIGHUP', async () => {
    writeFileSync(file, written());
    const gateway = startBuilt('', { environment: { SLUICE_CONFIG: file } });
    try {
      const { url } = await gateway.listening();
      const see = async () =>
        (await fetch(`${url}/targets/carts`, { headers: { 'x-api-key': demoKeys.viewer } })).status;
      gateway.signal('SIGHUP');
      await gateway.line(({ msg, targets }) => msg === 'configuration reloaded' && targets === count());
      expect(await see()).toBe(200);
      writeFileSync(file, written(withoutCarts));
      await gateway.line(({ msg, targets }) => msg === 'configuration reloaded' && targets === count() - 1);
      expect(await see()).toBe(404);
      gateway.signal('SIGTERM');
      expect(await gateway.ended).toBe(0);
    } finally {
      await gateway.close();
    }
  });
});

describe('a reload', () => {
  it('lets what runs finish with the configuration that it began with', async () => {
    writeFileSync(file, written());
    await start();
    vendors.faults.add({ vendor: 'dcs', call: '*', kind: 'latency', milliseconds: 400 });
    const flush = call('POST', '/sessions/flush', { body: { targets: ['carts', 'bi-pool'], mode: 'forced' } });
    const looking = call('GET', '/processes?target=carts');
    await vendors.journal.arrival('kill-all-clients');
    // Another way to the cloud, which leads nowhere; and the target is gone.
    const elsewhere = (config: Config): void => {
      withoutCarts(config);
      config.connections['huawei'] = {
        ...config.connections['huawei'],
        endpoints: Object.fromEntries(huaweiServiceNames.map((name) => [name, 'http://127.0.0.1:1'])),
      };
    };
    writeFileSync(file, written(elsewhere));
    await reloaded();
    expect(await status('/targets/carts')).toBe(404);
    const answer = await flush;
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, expect.objectContaining({ state: 'succeeded' })]);
    expect((await looking).status).toBe(200);
    expect(await status('/processes?target=orders')).toBe(503);
    const { 'sluice-operation': id } = answer.headers;
    expect(await status(`/operations/${String(id)}`)).toBe(200);
    await until(async () => (await metric('sluice_operations_unsettled{target="carts"}')) === null, 'carts forgotten');
    expect(
      await metric('sluice_operations_total{kind="sessions.flush",mode="forced",target="carts",state="succeeded"}'),
    ).toBeNull();
    expect(
      await metric('sluice_operations_total{kind="sessions.flush",mode="forced",target="bi-pool",state="succeeded"}'),
    ).toBe(1);
  });

  it('starts the series of new targets at zero, and forgets those of removed ones', async () => {
    writeFileSync(file, written());
    await start();
    const series = (target: string) =>
      `sluice_operations_total{kind="sessions.flush",mode="forced",target="${target}",state="failed"}`;
    expect([await metric(series('carts')), await metric(series('cache'))]).toEqual([0, null]);
    writeFileSync(
      file,
      written((config) => {
        withCache(config);
        withoutCarts(config);
      }),
    );
    await reloaded();
    expect(await metric(series('cache'))).toBe(0);
    await until(async () => (await metric(series('carts'))) === null, 'carts forgotten');
  });

  it('keeps tokens and circuits of connections that stay as they are', async () => {
    writeFileSync(file, written());
    await start();
    expect(await status('/processes?target=orders')).toBe(200);
    writeFileSync(file, written(withoutCarts));
    await reloaded();
    expect(await status('/processes?target=orders')).toBe(200);
    expect(iamCalls()).toBe(1);
  });

  it('happens at every load', async () => {
    writeFileSync(file, written());
    await start();
    const failures: number[] = [];
    const state = { over: false };
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!state.over) {
          const code = await status('/processes?target=bi-pool&target=orders');
          if (code !== 200) failures.push(code);
        }
      }),
    );
    for (let count = 1; count <= 10; count += 1) {
      writeFileSync(
        file,
        written((config) => {
          config.connections['huawei'] = { ...config.connections['huawei'], timeouts: { answerMs: 9000 + count } };
        }),
      );
      await reloaded(count);
    }
    state.over = true;
    await load;
    expect(failures).toEqual([]);
  });
});

describe('a secret in a file', () => {
  const secretIn = (name: string, value: string): { file: string } => {
    const path = join(folder, name);
    writeFileSync(path, `${value}\n`);
    return { file: path };
  };

  it('is read again when 1010data refuses it', async () => {
    const password = secretIn('tenten', gatewayEnvironment.TENTEN_PASSWORD);
    writeFileSync(
      file,
      written((config) => (config.connections['tenten']!['password'] = password)),
    );
    await start();
    vendors.tentendata.changePassword('acme_owner', 'rotated&pass1');
    expect(await status('/processes?target=bi-pool')).toBe(502);
    secretIn('tenten', 'rotated&pass1');
    // It is refused once more, and never sent twice: the call after that has the new one.
    const flush = () => call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] } });
    expect((await flush()).status).toBe(502);
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
    expect((await flush()).status).toBe(200);
    expect(told('secret read again')).toEqual([expect.objectContaining({ level: 'info', file: password.file })]);
    expect(JSON.stringify(log)).not.toMatch(/rotated|ownerPass1/);
  });

  it('stays what it was while its file cannot be used', async () => {
    const password = secretIn('tenten', gatewayEnvironment.TENTEN_PASSWORD);
    writeFileSync(
      file,
      written((config) => (config.connections['tenten']!['password'] = password)),
    );
    await start();
    vendors.tentendata.changePassword('acme_owner', 'rotated1');
    secretIn('tenten', '');
    expect(await status('/processes?target=bi-pool')).toBe(502);
    rmSync(password.file);
    expect(await status('/processes?target=bi-pool')).toBe(502);
    expect(await status('/processes?target=bi-pool')).toBe(502);
    expect(told('secret cannot be read again: the one before is used').map(({ why }) => why)).toEqual([
      'empty',
      'unreadable',
    ]);
    vendors.tentendata.changePassword('acme_owner', gatewayEnvironment.TENTEN_PASSWORD);
    expect(await status('/processes?target=bi-pool')).toBe(200);
  });

  it('is read again when IAM refuses it, within the same call', async () => {
    const password = secretIn('iam', 'the-one-before');
    writeFileSync(
      file,
      written((config) => {
        const { iam } = config.connections['huawei']!['auth'] as { iam: object };
        config.connections['huawei']!['auth'] = { iam: { ...iam, password } };
      }),
    );
    await start();
    secretIn('iam', gatewayEnvironment.IAM_PASSWORD);
    expect(await status('/processes?target=orders')).toBe(200);
    expect(iamCalls()).toBe(2);
    expect(told('secret read again')).toHaveLength(1);
  });

  it('is read again when a signature is refused, for the next call', async () => {
    const aksk = {
      accessKey: secretIn('ak', 'WRONGACCESSKEY000001'),
      secretKey: secretIn('sk', gatewayEnvironment.HUAWEI_SK),
    };
    writeFileSync(
      file,
      written((config) => (config.connections['huawei']!['auth'] = { aksk })),
    );
    await start();
    secretIn('ak', gatewayEnvironment.HUAWEI_AK);
    expect(await status('/processes?target=orders&node=primary')).toBe(502);
    expect(await status('/processes?target=orders&node=primary')).toBe(200);
    expect(vendors.journal.of('list-processes')).toHaveLength(2);
  });
});
