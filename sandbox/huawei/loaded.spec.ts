import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../vendors.ts';
import { GAUSSDB } from './gaussdb/seed.ts';
import { TAURUSDB } from './taurusdb/seed.ts';

let vendors: Vendors;

beforeAll(async () => {
  vendors = await startVendors({ loaded: true });
});

afterAll(async () => {
  await vendors.close();
});

describe('instances under load', () => {
  it('have more than a look can see at once, after a reset too', () => {
    const counts = () => [
      vendors.huawei.taurusdb.threads({ instanceId: TAURUSDB.otherInstanceId, nodeId: TAURUSDB.otherNodeId }).length,
      vendors.huawei.gaussdb.sessions({
        instanceId: GAUSSDB.otherInstanceId,
        nodeId: GAUSSDB.otherNodeId,
        componentId: 'cn_5001',
      }).length,
    ];
    const before = counts();
    expect(before).toEqual([10_004, 305]);
    vendors.reset();
    expect(counts()).toEqual(before);
  });
});
