import { describe, expect, it } from '@jest/globals';
import { createHuawei } from '../../../sandbox/huawei/huawei.ts';
import { ACCESS_KEYS, PROJECT } from '../../../sandbox/huawei/account.ts';
import type { Exchange } from '../../transport/exchange.js';
import { accessKeyWrap, authorizationOf, type Signable } from './signature.js';
import { sendBy } from '../../transport/spec-send.js';
import { answerWith, blankExchange, callAt, dozingClock } from './spec-cloud.js';

const start = Date.parse('2026-03-01T08:00:00Z');

describe('the published signatures', () => {
  const oldDate = { 'x-sdk-date': '20060102T150405Z' };

  it.each<[string, Signable, string, string, string]>([
    [
      'the signing guide',
      {
        method: 'GET',
        url: 'https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0',
        headers: {
          'content-type': 'application/json',
          host: 'service.region.example.com',
          'x-sdk-date': '20191115T033655Z',
        },
        body: null,
      },
      'QTWAOYTTINDUT2QVKYUC',
      'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc',
      'content-type;host;x-sdk-date, Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe',
    ],
    [
      'a GET',
      { method: 'GET', url: 'https://x/path?limit=1', headers: oldDate, body: null },
      'AccessKey',
      'SecretKey',
      'x-sdk-date, Signature=5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624',
    ],
    [
      'a POST',
      { method: 'POST', url: 'https://x/path?key=value', headers: oldDate, body: '{"Name":"test","Id":1}\n' },
      'AccessKey',
      'SecretKey',
      'x-sdk-date, Signature=cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59',
    ],
    [
      'a name that begins another, as the official Python client signs it',
      {
        method: 'GET',
        url: 'http://127.0.0.1:1/v3/a%20b/~c?time1=a&time=b',
        headers: { host: '127.0.0.1:1', 'x-sdk-date': '20260301T080000Z' },
        body: null,
      },
      'AK',
      'SK',
      'host;x-sdk-date, Signature=4423e5e9be00aebb51b9bfb3ccbd3faab8a7b24275439cb31cc182938c2280f9',
    ],
  ])('%s', (_name, request, access, secret, rest) => {
    expect(authorizationOf(request, access, secret)).toBe(`SDK-HMAC-SHA256 Access=${access}, SignedHeaders=${rest}`);
  });
});

describe('signing an exchange', () => {
  const path = `/v3/${PROJECT.id}/instances/none/nodes/a%20b!/processes`;
  const exchange: Exchange = {
    ...blankExchange,
    method: 'DELETE',
    url: `http://127.0.0.1:8080${path}?b=2&a=%2f&b=1&c&name=%C3%A9`,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'x-language': 'en-us',
      'x-project-id': PROJECT.id,
    },
    body: '{"processes":[9007199254740993],"é":1}',
  };

  async function signed(temporary: boolean, secret?: string) {
    const clock = dozingClock(start);
    const key = ACCESS_KEYS[temporary ? 1 : 0]!;
    const used = { access: key.access, secret: secret ?? key.secret, securityToken: key.securityToken ?? null };
    const sent: Exchange[] = [];
    const send = accessKeyWrap(
      () => used,
      clock,
    )(
      sendBy((one) => {
        sent.push(one);
        return Promise.resolve(answerWith(200, {}));
      }),
    );
    const again = async () => {
      await send(exchange, callAt(clock));
      const { method, url, headers, body } = sent.at(-1)!;
      const { host, pathname, search } = new URL(url);
      const cloud = createHuawei({ clock: () => clock.now() });
      const arrived = { method, path: pathname, query: search.slice(1), headers: { host, ...headers } };
      return cloud.taurusdb.answer({ ...arrived, body: Buffer.from(body ?? '') });
    };
    return { sent, clock, first: await again(), again };
  }

  it.each([false, true])('is accepted by who verifies it, with temporary keys: %s', async (temporary) => {
    const { first, sent } = await signed(temporary);
    // Past the gateway, whose word it is that the service does not know this instance.
    expect([first.status, JSON.parse(first.body)]).toEqual([
      400,
      { error_code: 'DBS.280001', error_msg: 'Parameter error: b.' },
    ]);
    const names = `content-type;host;x-language;x-project-id;x-sdk-date${temporary ? ';x-security-token' : ''}`;
    expect(sent[0]?.headers.authorization).toContain(`SignedHeaders=${names}, Signature=`);
    expect(sent[0]?.body).toBe(exchange.body);
  });

  it('is refused if the secret is wrong', async () => {
    const { first } = await signed(false, 'wrong');
    expect(first.status).toBe(401);
  });

  it('is made afresh for each attempt', async () => {
    const { clock, sent, ...cloud } = await signed(false);
    await clock.sleep(20 * 60_000);
    expect((await cloud.again()).status).toBe(400);
    expect(sent.map(({ headers }) => headers['x-sdk-date'])).toEqual(['20260301T080000Z', '20260301T082000Z']);
    expect(sent[0]?.headers.authorization).not.toBe(sent[1]?.headers.authorization);
  });
});
