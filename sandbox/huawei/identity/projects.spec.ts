import { describe, expect, it } from '@jest/globals';
import { startVendors } from '../../vendors.ts';
import { ACCESS_KEYS, PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import { huaweiServiceNames, huaweiServices } from '../services.ts';
import { arrivedAs, ask, bodyOf, obtainToken, signedBy, standingClock, START } from '../spec-requests.ts';

const LINE = `GET /v3/projects?name=${PROJECT.name}`;

describe('the projects of the account', () => {
  const projects = { projects: [{ id: PROJECT.id, name: PROJECT.name, enabled: true }] };

  it.each(ACCESS_KEYS)('are found by region, by a signature with %j', (key) => {
    const { iam } = createHuawei({ clock: standingClock().now });
    expect(bodyOf(iam.answer(signedBy(key, START, arrivedAs(LINE))))).toMatchObject(projects);
  });

  it('are found by a token of the domain too', () => {
    const huawei = createHuawei({ clock: standingClock().now });
    const token = obtainToken(huawei, { domain: { name: 'acme' } });
    expect(bodyOf(huawei.iam.answer(arrivedAs(LINE, undefined, { 'x-auth-token': token })))).toMatchObject(projects);
  });

  it('are all of them, or none', () => {
    const { iam } = createHuawei({ clock: standingClock().now });
    const named = (query: string) =>
      (bodyOf(ask(iam, START, `GET /v3/projects${query}`)) as { projects: object[] }).projects;
    expect([named('').length, named('?name=eu-west-101').length]).toEqual([2, 0]);
  });

  it('are shown to nobody without credentials', () => {
    const { iam } = createHuawei({ clock: standingClock().now });
    const reply = iam.answer(arrivedAs(LINE));
    expect([reply.status, bodyOf(reply)]).toMatchObject([401, { error_code: 'APIGW.0301' }]);
  });
});

describe('the catalog', () => {
  it('tells where the services listen, beside a token and alone', async () => {
    const vendors = await startVendors();
    try {
      const listed = [...vendors.huawei.endpoints];
      expect(listed).toEqual([
        ['iam', vendors.urls.iam],
        ...huaweiServiceNames.map((name) => [huaweiServices[name].catalog, vendors.urls[name]]),
      ]);
    } finally {
      await vendors.close();
    }
  });

  it('has an endpoint of the region for each', () => {
    const { iam, state } = createHuawei({ clock: standingClock().now });
    state.endpoints.set('dcs', 'http://127.0.0.1:1');
    const endpoints = [{ interface: 'public', region: PROJECT.name, url: 'http://127.0.0.1:1' }];
    expect(bodyOf(ask(iam, START, 'GET /v3/auth/catalog'))).toMatchObject({ catalog: [{ type: 'dcs', endpoints }] });
    expect(bodyOf(ask(iam, START, 'GET /v3/auth/domains'))).toMatchObject({ domains: [{ name: 'acme' }] });
  });
});
