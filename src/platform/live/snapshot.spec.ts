import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Vendor } from '../../backends/backend.js';
import { systemClock } from '../../core/model/clock.js';
import type { Measured } from '../../transport/measure.js';
import { TrafficConfig } from '../../transport/limits.config.js';
import type { Watchers } from '../../transport/send.js';
import { AuthConfig } from '../auth/auth.config.js';
import { StoreConfig } from '../../store/store.config.js';
import type { Configuration } from '../config/load.js';
import { ServerConfig } from '../config/server.config.js';
import { CurrentSnapshot, openSnapshot, type Snapshot, type SnapshotWatchers } from './snapshot.js';

let opened: { readonly name: string; readonly watchers: Watchers }[];
let closed: string[];
let settled: Measured[];

const nothing = (): void => undefined;
const watchers: SnapshotWatchers = {
  measured: nothing,
  settled: (measured) => settled.push(measured),
  circuit: nothing,
  authFailed: nothing,
};

const vendor: Vendor = {
  vendor: 'test',
  Config: TrafficConfig,
  check: () => [],
  open: (name, { ca }, watching) => {
    opened.push({ name, watchers: watching });
    if (name === 'broken') throw new Error('cannot be opened');
    return {
      close: () => {
        closed.push(`${name} ${String(ca === undefined)}`);
        return Promise.resolve();
      },
    };
  },
};

/** A configuration with these connections, and how long their answers may take. */
function configured(connections: Readonly<Record<string, number>>): Configuration {
  const entries = Object.entries(connections).map(([name, answerMs]) => {
    const config = Object.assign(new TrafficConfig(), { timeouts: { answerMs } });
    return [name, { vendor, config }] as const;
  });
  const [server, auth, store] = [new ServerConfig(), new AuthConfig(), new StoreConfig()];
  return { server, auth, store, limits: {}, connections: new Map(entries), targets: [], notify: [], warnings: [] };
}

const open = (connections: Readonly<Record<string, number>>, before?: Snapshot) =>
  openSnapshot(configured(connections), watchers, systemClock, before);

beforeEach(() => {
  [opened, closed, settled] = [[], [], []];
});

describe('a snapshot', () => {
  it('is closed once it is replaced and nobody holds it any more', async () => {
    const current = new CurrentSnapshot(open({ a: 1 }));
    const [one, other] = [current.snapshot.targets.hold(), current.snapshot.targets.hold()];
    const swapped = current.swap(open({ a: 2 }, current.snapshot));
    one();
    // Letting go twice counts once.
    one();
    await Promise.resolve();
    expect([closed, current.open.length]).toEqual([[], 2]);
    other();
    await swapped;
    expect([closed, current.open.length]).toEqual([['a true'], 1]);
  });

  it('takes over what stands unchanged, and closes it with the last', async () => {
    const current = new CurrentSnapshot(open({ a: 1, b: 1 }));
    await current.swap(open({ a: 1, b: 2 }, current.snapshot));
    expect(opened.map(({ name }) => name)).toEqual(['a', 'b', 'b']);
    expect(closed).toEqual(['b true']);
    await current.swap(open({ b: 2 }, current.snapshot));
    expect(closed).toEqual(['b true', 'a true']);
    await current.close();
    expect(closed).toEqual(['b true', 'a true', 'b true']);
  });

  it('that is replaced says nothing about how things stand', () => {
    const current = new CurrentSnapshot(open({ a: 1, b: 1 }));
    current.snapshot.targets.hold();
    void current.swap(open({ a: 2, b: 1 }, current.snapshot));
    const told = { backend: 'test', target: 't', call: 'c', outcome: 'ok', seconds: 1, at: 0 } as const;
    for (const [index, one] of opened.entries()) one.watchers.settled({ ...told, connection: `${one.name}${index}` });
    expect(settled.map(({ connection }) => connection)).toEqual(['b1', 'a2']);
  });

  it('that cannot be opened leaves the one before as it is', async () => {
    const current = new CurrentSnapshot(open({ a: 1, b: 1 }));
    expect(() => open({ a: 1, b: 2, broken: 1 }, current.snapshot)).toThrow('cannot be opened');
    expect(closed).toEqual(['b true']);
    expect([...current.snapshot.connections.values()].map(({ isCurrent }) => isCurrent)).toEqual([true, true]);
    await current.close();
    expect(closed).toEqual(['b true', 'a true', 'b true']);
  });
});
