import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway, type BuiltOptions } from './built-gateway.ts';
import { configFor, demoKeys, writeConfig, type Config } from './gateway.ts';

let vendors: Vendors;
const started: BuiltGateway[] = [];

beforeAll(async () => {
  vendors = await startVendors();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((gateway) => gateway.close()));
});

afterAll(() => vendors.close());

function start(config: string, options?: BuiltOptions): BuiltGateway {
  const gateway = startBuilt(config, options);
  started.push(gateway);
  return gateway;
}

const written = (change?: (config: Config) => void) => JSON.stringify(configFor(vendors, change ? { change } : {}));

/** What it wrote and how it ended. */
async function outcome(config: string, options?: BuiltOptions): Promise<{ code: number | null; lines: string[] }> {
  const gateway = start(config, options);
  const code = await gateway.ended;
  return { code, lines: gateway.output().trim().split('\n') };
}

const everyFault = (config: Config): void => {
  config.server['port'] = 'tell-nobody';
  config.server['surprise'] = 'tell-nobody';
  config.auth.apiKeys = [{ name: 'app', sha256: 'tell-nobody', grants: [] }];
  config.connections['tenten']!['password'] = 'tell-nobody';
  config.connections['huawei']!['projectId'] = 'tell-nobody';
  config.targets[0]!['pool'] = 'Tell Nobody';
  config.targets[2]!.connection = 'tell-nobody';
};

const places = [
  'server.surprise',
  'server.port',
  'auth.apiKeys[0].sha256',
  'auth.apiKeys[0].grants',
  'connections.tenten.password',
  'connections.huawei.projectId',
  'targets[0].pool',
  'targets[2].connection',
];

describe('a configuration that cannot be used', () => {
  it.each([
    ['at start', []],
    ['when it is checked', ['--check-config']],
  ])('ends the program with 78 and every fault, %s, and tells no secret', async (_when, programArguments) => {
    const { code, lines } = await outcome(written(everyFault), { programArguments });
    expect(code).toBe(78);
    expect(lines[0]).toMatch(/sluice\.yaml cannot be used:$/);
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual(places);
    expect(lines.join('\n')).not.toMatch(/tell.?nobody/i);
  });

  it('is told with its place, whatever is wrong', async () => {
    const instance = ({ targets }: Config) => targets.push({ ...targets.at(-1)!, name: 'again' });
    const { length: count } = configFor(vendors).targets;
    const nowhere = { environment: { SLUICE_CONFIG: '/nonexistent/sluice.yaml' } };
    const outcomes = await Promise.all([
      outcome(written((config) => Object.assign(config, { auth: {} }))),
      outcome(written(instance)),
      outcome('server: {}\nserver: {}'),
      outcome(written(), nowhere),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([78, 78, 78, 78]);
    expect(outcomes.map(({ lines }) => lines.slice(1).join('\n').trim())).toEqual([
      expect.stringMatching(/^auth: must name apiKeys or jwt/),
      expect.stringContaining(`targets[${count}]: is the same thing as targets[${count - 1}]`),
      expect.stringMatching(/^line 2: .*unique/i),
      '(file): cannot be read (ENOENT)',
    ]);
  }, 60_000);
});

describe('a valid configuration', () => {
  it('is said to be so, and nothing is started', async () => {
    const { file, drop } = writeConfig(written());
    const { code, lines } = await outcome('', { programArguments: ['--check-config', file] });
    drop();
    expect([code, lines]).toEqual([0, [`${file} is valid: ${configFor(vendors).targets.length} targets.`]]);
  });

  it('is served until the program is told to stop', async () => {
    const gateway = start(written());
    const { url } = await gateway.listening();
    const answer = await fetch(`${url}/processes?target=bi-pool`, { headers: { 'x-api-key': demoKeys.viewer } });
    expect(answer.status).toBe(200);
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(gateway.log.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['listening', 'stopping', 'stopped']));
    expect(gateway.output()).not.toContain('ownerPass1');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('may put health and metrics on a port of their own', async () => {
    const gateway = start(written(({ server }) => (server['management'] = { port: 0 })));
    const { url, managementUrl } = await gateway.listening();
    expect(managementUrl).not.toBe(url);
    const status = async (at: string) => (await fetch(at)).status;
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect([await status(managementUrl + path), await status(url + path)]).toEqual([200, 404]);
    }
    expect(await status(`${managementUrl}/targets`)).toBe(404);
  });

  it('may put everything below a path, and no page beside it', async () => {
    const gateway = start(written(({ server }) => Object.assign(server, { basePath: '/sluice', docs: false })));
    const { url } = await gateway.listening();
    const headers = { 'x-api-key': demoKeys.viewer };
    expect(url).toMatch(/\/sluice$/);
    expect((await fetch(`${url}/targets`, { headers })).status).toBe(200);
    expect((await fetch(new URL('/targets', url), { headers })).status).toBe(404);
    expect((await fetch(`${url}/docs`)).status).toBe(404);
  });

  it('cannot be served on a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, lines } = await outcome(written(({ server }) => (server['port'] = port)));
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^The port is taken: .*127\\.0\\.0\\.1:${port}$`))]);
  });
});
