import { TAURUSDB } from '../sandbox/huawei/taurusdb/seed.ts';
import { demoKeys, gatewayConfig } from '../sandbox/gateway-config.ts';
import { startVendors } from '../sandbox/vendors.ts';
import { startBuilt } from '../test/built-gateway.ts';
import { median } from './measure.ts';

/** What an instance with 10,000 threads costs, whose vendor takes 150 ms a page: seconds. */
export interface Loaded {
  readonly look: number;
  readonly kill: number;
}

const rounds = 5;
const pageMs = 150;
const headers = { 'x-api-key': demoKeys.operator };
const archive = { instanceId: TAURUSDB.otherInstanceId, nodeId: TAURUSDB.otherNodeId };

/** Looks at it, and ends the last of its threads by id: all of it is read. */
export async function measureLoaded(): Promise<Loaded> {
  const vendors = await startVendors({ loaded: true, huawei: { pageMs } });
  const gateway = startBuilt(gatewayConfig(vendors.urls, { loaded: true }));
  try {
    const { url } = await gateway.listening();
    const seconds = async (method: string, query: string): Promise<number> => {
      const begun = performance.now();
      const answer = await fetch(`${url}/processes?target=archive&${query}`, { method, headers });
      await answer.text();
      if (answer.status !== 200) throw new Error(`A loaded instance was answered with ${String(answer.status)}.`);
      return (performance.now() - begun) / 1000;
    };
    // It gets its token first.
    await seconds('GET', 'limit=0&node=primary');
    const looks: number[] = [];
    const kills: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const last = vendors.huawei.taurusdb.threads(archive).at(-1)?.id ?? 0n;
      // A kill never takes the listing of another look, and ends that of the look before.
      kills.push(await seconds('DELETE', `id=${String(last)}`));
      looks.push(await seconds('GET', 'state=active'));
    }
    return { look: median(looks), kill: median(kills) };
  } finally {
    gateway.signal('SIGTERM');
    await gateway.ended;
    await vendors.close();
  }
}
