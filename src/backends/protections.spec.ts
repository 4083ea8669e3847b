import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { protectionOf } from '../core/look/protect.js';
import { nobody } from '../core/model/spec-process.js';
import { configured, protectErrors } from './protections.js';
import type { FilterConfig } from './filter.config.js';

const config = { name: 'orders', backend: 'taurusdb', connection: 'huawei' };

describe('what every target takes from its configuration', () => {
  it('has defaults', () => {
    expect(configured(config)).toEqual({
      name: 'orders',
      labels: {},
      description: null,
      safeguards: {
        readOnly: false,
        protect: [],
        maxProcesses: 50,
        maxShare: 0.5,
        killsPerMinute: 200,
        planSeconds: 120,
        reason: 'forced',
        approval: { forced: false, above: { processes: Infinity, share: Infinity }, most: 1000, waitMs: 1_800_000 },
      },
    });
  });

  it('is what was written', () => {
    const more = {
      labels: { env: 'prod' },
      description: 'Orders',
      maxProcesses: 1,
      maxShare: 1,
      killsPerMinute: 7,
      readOnly: true,
      planSeconds: 300,
      reason: 'required' as const,
      approval: { forced: true, above: { processes: 5, share: 0.1 }, most: 50, expirySeconds: 60 },
    };
    expect(configured({ ...config, ...more })).toEqual({
      name: 'orders',
      labels: { env: 'prod' },
      description: 'Orders',
      safeguards: {
        readOnly: true,
        protect: [],
        maxProcesses: 1,
        maxShare: 1,
        killsPerMinute: 7,
        planSeconds: 300,
        reason: 'required',
        approval: { forced: true, above: { processes: 5, share: 0.1 }, most: 50, waitMs: 60_000 },
      },
    });
  });

  it.each<[FilterConfig, 'configured' | null]>([
    [{ user: 'app_*' }, 'configured'],
    [{ user: ['bob', 'app_*'] }, 'configured'],
    [{ user: '!app_*' }, null],
    [{ user: 'app_*', node: 'replica' }, null],
    [{ user: 'app_*', node: ['replica', 'primary'] }, 'configured'],
    [{ user: 'app_*', state: 'idle', minIdleSeconds: 60 }, 'configured'],
    [{ user: 'app_*', state: 'idle', minIdleSeconds: 61 }, null],
    [{ minBusySeconds: 5 }, 'configured'],
    [{ client: '10.0.0.7', database: 'shop' }, 'configured'],
    [{ client: '10.0.0.8' }, null],
  ])('protects by %j: %s', (filter, expected) => {
    const { safeguards } = configured({ ...config, protect: [filter] });
    const process = {
      ...nobody,
      node: 'primary',
      user: 'app_1',
      client: '10.0.0.7:5',
      database: 'shop',
      state: 'idle' as const,
      idleSeconds: 60,
    };
    expect(protectionOf({ safeguards, protects: () => null }, process)).toBe(expected);
  });
});

describe('the protections of a target', () => {
  const telling = { facts: new Set(['user', 'idleSeconds'] as const), states: new Set(['idle', 'active'] as const) };
  const places = (nodes: readonly string[] | null, ...protect: FilterConfig[]) =>
    protectErrors({ ...config, protect }, telling, nodes).map(({ path }) => path);

  it.each<[FilterConfig, readonly string[]]>([
    [{ user: 'a' }, []],
    [{ user: '!a' }, []],
    [{ state: 'idle', minIdleSeconds: 0 }, []],
    [{ node: 'primary' }, []],
    [{}, ['protect[0]']],
    [{ application: 'psql' }, ['protect[0].application']],
    [{ user: 'a', database: 'b', command: 'c' }, ['protect[0].database', 'protect[0].command']],
    [{ minAgeSeconds: 5, minBusySeconds: 5 }, ['protect[0].minBusySeconds', 'protect[0].minAgeSeconds']],
    [{ state: ['idle', 'offline'] }, ['protect[0].state']],
    [{ state: '!offline' }, ['protect[0].state']],
    [{ node: 'secondary' }, ['protect[0].node']],
  ])('may be %j, but for %j', (filter, expected) => {
    expect(places(['primary'], filter)).toEqual(expected);
  });

  it.each<[FilterConfig, readonly string[]]>([
    [{ application: 'D:\\Batch\\*' }, ['protect[0].application']],
    [{ application: ['ok', '!D:\\Batch\\*'] }, ['protect[0].application']],
    [{ application: 'D:\\Batch\\\\*' }, []],
    [{ client: '10.0.0.0/8' }, ['protect[0].client']],
    [{ client: '2001:db8::/32' }, ['protect[0].client']],
    [{ client: '10.0.0.7/32' }, []],
    [{ client: '10.0.0.300' }, ['protect[0].client']],
    [{ client: ['10.0.0.*', '10.0.0.7:5', '2001:db8::5', '[2001:db8::5]:5', 'web-1', '/tmp/a.sock'] }, []],
  ])('say what can fit: %j, but for %j', (filter, expected) => {
    const all = { facts: new Set(['application', 'client'] as const), states: telling.states };
    expect(protectErrors({ ...config, protect: [filter] }, all, []).map(({ path }) => path)).toEqual(expected);
  });

  it('are told by their number', () => {
    expect(places(['primary'], { user: 'a' }, {}, { client: 'b' })).toEqual(['protect[1]', 'protect[2].client']);
  });

  it('may name any node where they are found by asking, and none where there are none', () => {
    expect(places(null, { node: 'anything' })).toEqual([]);
    expect(places([], { node: 'anything' })).toEqual(['protect[0].node']);
  });
});
