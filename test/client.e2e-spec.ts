import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { createSluice, SluiceError } from '../clients/typescript/sluice.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, type Gateway } from './gateway.ts';
import { committedFile } from './openapi-contract.ts';

const at = (path: string) => fileURLToPath(new URL(`../clients/${path}`, import.meta.url));

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
  gateway = await openGateway({ vendors });
});

afterEach(() => {
  vendors.reset();
});

afterAll(async () => {
  await gateway.close();
  await vendors.close();
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program against the gateway, as the demo operator. */
function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const told = { ...process.env, SLUICE_URL: gateway.url, SLUICE_KEY: demoKeys.operator, ...env };
  return new Promise((resolve) => {
    const child = execFile(file, args, { env: told }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('the TypeScript client', () => {
  it('has the types that the committed document gives', async () => {
    const types = await openapiTS(committedFile, { defaultNonNullable: false });
    expect(`${COMMENT_HEADER}${astToString(types)}`).toBe(readFileSync(at('typescript/api.d.ts'), 'utf8'));
  });

  it('looks, kills in a dry run and reads what was done, by key or by token', async () => {
    const token = await vendors.identity.token({ sub: 'sue', groups: ['dba'] });
    for (const credential of [{ key: demoKeys.operator }, { token }]) {
      const sluice = createSluice({ url: `${gateway.url}/`, ...credential });
      const query = { target: ['orders'], state: ['idle' as const], minIdleSeconds: 600 };
      const look = await sluice.GET('/processes', { params: { query } });
      const kill = await sluice.DELETE('/processes', { params: { query: { ...query, dryRun: true } } });
      const killable = look.data?.items.filter((process) => process.protected === null) ?? [];
      expect(kill.data?.counts.wouldEnd).toBe(killable.length);
      expect(killable.length).toBeGreaterThan(0);
    }
  });

  it('follows what still runs to its end', async () => {
    const sluice = createSluice({ url: gateway.url, key: demoKeys.operator });
    const { data, response } = await sluice.POST('/sessions/flush', {
      body: { targets: ['carts'], mode: 'forced' },
      params: { header: { Prefer: 'respond-async' } },
    });
    expect([response.status, data?.state]).toEqual([202, 'running']);
    expect(data && (await sluice.follow(data)).state).toBe('succeeded');
  });

  it('tells problems as data, and throws those that end a wait', async () => {
    const sluice = createSluice({ url: gateway.url, key: demoKeys.viewer });
    const { error } = await sluice.GET('/targets/{name}', { params: { path: { name: 'nobody' } } });
    expect(error?.code).toBe('unknown-target');
    const { data } = await createSluice({ url: gateway.url, key: demoKeys.operator }).POST('/sessions/flush', {
      body: { targets: ['carts'], mode: 'forced' },
      params: { header: { Prefer: 'respond-async' } },
    });
    const stranger = createSluice({ url: gateway.url, key: 'nobody' });
    await expect(data && stranger.follow(data)).rejects.toThrow(SluiceError);
  });

  it('flushes, waits and tells the outcome in its example', async () => {
    const done = await run(process.execPath, [at('typescript/example.ts'), 'ledger', 'carts']);
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toMatch(/^ledger: succeeded, ended \(.*\)\ncarts: succeeded, /);
    const refused = await run(process.execPath, [at('typescript/example.ts'), 'nobody']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/^unknown-target: /)]);
  });
});

describe('the shell client', () => {
  const sluice = (...args: string[]) => run(at('shell/sluice.sh'), args);
  const flush = (body: object, ...args: string[]) =>
    sluice('POST', '/sessions/flush', '-d', JSON.stringify(body), ...args);

  it('ends with 0 when all is done, seen or planned', async () => {
    const flushed = await flush({ targets: ['ledger'] });
    expect([flushed.code, (JSON.parse(flushed.stdout) as { state: string }).state]).toEqual([0, 'succeeded']);
    expect((await flush({ targets: ['bi-pool', 'carts'], dryRun: true })).code).toBe(0);
    expect((await sluice('GET', '/processes?target=orders')).code).toBe(0);
  });

  it('ends with 1 when it was refused, failed, or never sent', async () => {
    const { code, stdout } = await flush({ targets: ['nobody'] });
    expect([code, (JSON.parse(stdout) as { code: string }).code]).toEqual([1, 'unknown-target']);
    expect((await sluice('GET', '/targets/nobody')).code).toBe(1);
    const away = { SLUICE_URL: 'http://127.0.0.1:1' };
    expect((await run(at('shell/sluice.sh'), ['GET', '/targets'], away)).code).toBe(1);
  });

  it('ends with 2 when it is partial, deferred or unknown, or a look missed a target', async () => {
    expect((await flush({ targets: ['bi-pool'] })).code).toBe(2);
    vendors.faults.add({ vendor: 'gaussdb', kind: 'status', status: 500 });
    expect((await flush({ targets: ['ledger'] })).code).toBe(2);
    expect((await flush({ targets: ['ledger', 'carts'] })).code).toBe(2);
    expect((await sluice('GET', '/processes?target=ledger&target=orders')).code).toBe(2);
  });

  it('ends with 3 while it runs, and is asked again by the id', async () => {
    const begun = await flush({ targets: ['carts'], mode: 'forced' }, '-H', 'Prefer: respond-async');
    const { id } = JSON.parse(begun.stdout) as { id: string };
    const ended = await sluice('GET', `/operations/${id}`);
    expect([begun.code, ended.code]).toEqual([3, 0]);
  });
});
