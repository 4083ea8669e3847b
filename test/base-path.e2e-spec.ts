import { afterEach, describe, expect, it } from '@jest/globals';
import { openGateway, problemOf, type Gateway } from './gateway.ts';

let gateway: Gateway;

afterEach(() => gateway.close());

/** The status at an address of the server itself, whatever prefix there is. */
async function statusAt(path: string): Promise<number> {
  return (await fetch(new URL(path, gateway.url))).status;
}

const toldOf = ['/health/live', '/health/ready', '/problems', '/problems/internal'];

describe('below a base path', () => {
  it('is what stands at plain paths for those who know of none, and no call', async () => {
    gateway = await openGateway({ server: { basePath: '/b' } });
    for (const path of toldOf) expect([await statusAt(path), await statusAt(`/b${path}`)]).toEqual([200, 200]);
    // Metrics are there for known callers.
    expect([await statusAt('/metrics'), await statusAt('/b/metrics')]).toEqual([401, 401]);
    for (const path of ['/targets', '/openapi.json', '/docs']) expect(await statusAt(path)).toBe(404);
    expect((await gateway.call('GET', '/targets')).status).toBe(200);
    const unknown = await gateway.call('GET', '/problems/none', { key: null });
    expect([unknown.status, problemOf(unknown).instance]).toEqual([404, '/b/problems/none']);
    const wrong = await gateway.call('POST', '/metrics');
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('scrapes and probes are as quiet as elsewhere, and measured by their template', async () => {
    gateway = await openGateway({ server: { basePath: '/b' } });
    await gateway.call('GET', '/health/ready', { key: null });
    const { text } = await gateway.call('GET', '/metrics');
    expect(text).toContain('http_route="/b/health/ready",http_response_status_code="200"');
    expect(gateway.log.filter((line) => 'route' in line)).toEqual(
      ['/b/health/ready', '/b/metrics'].map((route) => expect.objectContaining({ level: 'debug', route })),
    );
  });

  it('are neither health nor metrics if they have a port of their own', async () => {
    gateway = await openGateway({ server: { basePath: '/b', management: { port: 0 } } });
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect([await statusAt(path), await statusAt(`/b${path}`)]).toEqual([404, 404]);
      expect((await fetch(`${gateway.managementUrl}${path}`)).status).toBe(200);
    }
  });
});
