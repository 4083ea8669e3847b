import { expect, it } from '@jest/globals';
import { openGateway } from './gateway.ts';

it.each([
  [undefined, 72],
  [600, 600],
])('keeps an idle connection for server.keepAliveSeconds (%s): %d seconds', async (keepAliveSeconds, seconds) => {
  const server = keepAliveSeconds === undefined ? {} : { keepAliveSeconds };
  const gateway = await openGateway({ server });
  try {
    const { headers } = await gateway.call('GET', '/targets/bi-pool');
    expect(headers['keep-alive']).toBe(`timeout=${seconds}`);
  } finally {
    await gateway.close();
  }
});
