import assert from 'node:assert/strict';
import { createSluice } from '@sluice/client';
import type { FollowedEvent, OperationSummary, Process } from '@sluice/client';
import { errorOf, type Cases } from './double.js';

const {
  SLUICE_URL: url = '',
  SLUICE_KEY: key = '',
  SLUICE_VIEWER: viewer = '',
  SLUICE_TOKEN: token = '',
} = process.env;
const sluice = createSluice({ url: `${url}/`, key });

/** What is tried against a Sluice. */
export const withSluice: Cases = {
  'looks page by page': async () => {
    const found: Process[] = [];
    for await (const process of sluice.processes({ target: 'orders', limit: 7 })) found.push(process);
    const { targets } = await sluice.look({ target: ['orders'], limit: 0 });
    assert.equal(found.length, targets[0]?.connected);
    assert.equal(new Set(found.map(({ node, id }) => `${String(node)} ${id}`)).size, found.length);
  },
  'asks by token, too': async () => {
    const byToken = createSluice({ url, token: () => Promise.resolve(token) });
    const me = await byToken.me();
    assert.deepEqual([me.credential, me.grants.map(({ role }) => role)], ['token', ['operator']]);
    assert.equal((await sluice.me()).credential, 'apiKey');
    const names = (await byToken.targets()).map(({ name }) => name);
    assert.ok(names.includes('orders'));
    assert.equal((await sluice.target('orders')).backend, 'taurusdb');
  },
  'plans, and ends just whom it planned': async () => {
    const preview = await sluice.plan({ target: 'orders', user: 'orders_*', state: 'idle', minIdleSeconds: 3000 });
    assert.equal(preview.operation.state, 'planned');
    const planned = preview.operation.counts.wouldEnd;
    assert.ok(planned !== null && planned > 0);
    const { state, counts, reason } = await preview.commit({ reason: 'leak' });
    assert.deepEqual([state, counts.ended, reason], ['succeeded', planned, 'leak']);
    assert.equal((await errorOf(preview.commit())).code, 'plan-gone');
  },
  'plans a flush, and says why there is no plan': async () => {
    const preview = await sluice.plan({ targets: ['carts'], mode: 'forced' });
    assert.equal(preview.plan, null);
    assert.match((await errorOf(preview.commit())).message, /./);
  },
  'flushes, and resolves at the end': async () => {
    const seen: string[] = [];
    const operation = await sluice.flush(
      { targets: ['carts'], mode: 'forced', reason: 'test' },
      { onProgress: ({ state }) => seen.push(state) },
    );
    assert.equal(operation.state, 'succeeded');
    assert.equal(seen.at(-1), 'succeeded');
    const begun = await sluice.flush({ targets: ['carts'], mode: 'forced', reason: 'test' }, { untilEnd: false });
    assert.equal((await sluice.wait(begun.id)).state, 'succeeded');
    const listed: OperationSummary[] = [];
    for await (const one of sluice.operations({ kind: 'sessions.flush', limit: 1 })) listed.push(one);
    assert.ok(listed.some(({ id }) => id === begun.id));
  },
  'throws one error, with all that is known': async () => {
    const error = await errorOf(sluice.kill({ target: 'nobody', id: '1' }));
    assert.deepEqual([error.code, error.status, error.retryable], ['unknown-target', 404, false]);
    assert.ok(error.requestId !== null && error.idempotencyKey !== null);
    const { code } = await errorOf(createSluice({ url, key: viewer }).flush({ targets: ['carts'] }));
    assert.equal(code, 'forbidden');
    const ids = Array.from({ length: 300 }, (_, index) => String(9_000_000 + index));
    const long = await sluice.plan({ target: 'orders', node: 'primary', id: ids });
    assert.equal(long.operation.state, 'planned');
  },
  'carries out a plan by its id, and of several targets': async () => {
    const { items } = await sluice.look({ target: ['orders', 'ledger'], state: 'idle', protected: 'none', limit: 500 });
    const picked = ['orders', 'ledger'].map((name) => items.find(({ target }) => target === name)!);
    const processes = picked.map(({ target, node, id }) => ({ target, id, ...(node === null ? {} : { node }) }));
    const { plan, operation } = await sluice.plan({ processes });
    assert.deepEqual([operation.counts.wouldEnd, operation.targets.length], [2, 2]);
    const { state, counts } = await sluice.commit('kill', plan!.id, { reason: 'picked' });
    assert.deepEqual([state, counts.ended], ['succeeded', 2]);
  },
  'follows an operation, and goes on behind the last event': async () => {
    const { id } = await sluice.flush({ targets: ['carts'], mode: 'forced', reason: 'test' });
    const events: FollowedEvent[] = [];
    for await (const event of sluice.events(id)) events.push(event);
    assert.equal(events.at(-1)?.event, 'over');
    assert.equal(events.at(-1)?.data.operation?.state, 'succeeded');
    const later: string[] = [];
    for await (const event of sluice.events(id, { lastEventId: events[0]!.id })) later.push(event.id);
    assert.deepEqual(
      later,
      events.slice(1).map((event) => event.id),
    );
    assert.equal((await errorOf(sluice.events('op_nobody').next())).code, 'not-found');
  },
};
