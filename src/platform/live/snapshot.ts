import type { Connection, Vendor } from '../../backends/backend.js';
import type { Clock } from '../../core/model/clock.js';
import type { Target } from '../../core/model/target.js';
import type { Targets } from '../../core/model/targets.js';
import type { TrafficConfig } from '../../transport/limits.config.js';
import type { Watchers } from '../../transport/send.js';
import { Authenticator, type AuthFailureReason } from '../auth/authenticator.js';
import { fingerprintOf } from './fingerprint.js';
import type { Configuration } from '../config/load.js';

/** One configuration, brought to life: who may call, and what there is to call. */
export interface Snapshot {
  /** Code that uses them beyond the moment holds them. */
  readonly targets: Targets & { hold(): () => void };
  readonly authenticator: Authenticator;
  readonly connections: ReadonlyMap<string, OpenConnection>;
  /** Resolves once nobody holds it any more and what it alone used is closed. Nobody new may come to hold it. */
  retire(): Promise<void>;
  /** Closes at once, even while it is held. */
  close(): Promise<void>;
}

/** Told of everything that traffic shows. */
export type SnapshotWatchers = Watchers & {
  readonly authFailed: (reason: AuthFailureReason) => void;
  readonly keysRead?: (issuer: string, isRead: boolean) => void;
};

/**
 * A connection: one for all snapshots in whose configuration it stands unchanged, so that tokens, circuits and turns go
 * on.
 */
export interface OpenConnection {
  readonly connection: Connection;
  /** As it was opened with: its secrets are those that are used. */
  readonly config: TrafficConfig;
  readonly fingerprint: string;
  /** Does the newest snapshot use it? If not, what it shows says nothing about how things stand. */
  isCurrent: boolean;
  snapshots: number;
}

/**
 * Opens the connections of a configuration and makes its targets. Nothing is sent yet. What stands in it as it stood
 * before is taken over from the snapshot before.
 */
export function openSnapshot(
  { auth, connections, targets }: Configuration,
  watchers: SnapshotWatchers,
  clock: Clock,
  before?: Snapshot,
): Snapshot {
  const opened = new Map<string, OpenConnection>();
  try {
    for (const [name, { vendor, config }] of connections) {
      const fingerprint = fingerprintOf(vendor.vendor, config);
      const known = before?.connections.get(name);
      opened.set(
        name,
        known?.fingerprint === fingerprint ? known : open(name, vendor, config, fingerprint, watchers, clock),
      );
    }
  } catch (thrown) {
    for (const one of opened.values()) if (one.snapshots === 0) void one.connection.close();
    throw thrown;
  }
  for (const one of before?.connections.values() ?? []) one.isCurrent = false;
  for (const one of opened.values()) {
    one.isCurrent = true;
    one.snapshots += 1;
  }
  const made = targets.flatMap(({ backend, config }): readonly Target[] => {
    const found = opened.get(config.connection);
    return found ? [backend.make(config, found.connection)] : [];
  });
  const byName = new Map(made.map((target) => [target.name, target]));
  const lease = new Lease(async () => {
    await Promise.all([...opened.values()].map(release));
  });
  const { authFailed, keysRead } = watchers;
  const authenticator = new Authenticator(auth, authFailed, before?.authenticator, keysRead);
  return {
    targets: {
      ...{ all: made, named: (name) => byName.get(name) },
      callerOf: (name) => authenticator.named(name),
      hold: () => lease.hold(),
    },
    authenticator,
    connections: opened,
    retire: () => lease.end(),
    close: () => lease.endNow(),
  };
}

function open(
  name: string,
  vendor: Vendor,
  config: TrafficConfig,
  fingerprint: string,
  watchers: SnapshotWatchers,
  clock: Clock,
): OpenConnection {
  const state = { isCurrent: true };
  const own: Watchers = {
    ...watchers,
    settled: (settled) => {
      if (state.isCurrent) watchers.settled(settled);
    },
    circuit: (...change) => {
      if (state.isCurrent) watchers.circuit(...change);
    },
    skewed: (...skew) => {
      if (state.isCurrent) watchers.skewed?.(...skew);
    },
  };
  return Object.assign(state, {
    connection: vendor.open(name, config, own, clock),
    config,
    fingerprint,
    snapshots: 0,
  });
}

async function release(one: OpenConnection): Promise<void> {
  one.snapshots -= 1;
  if (one.snapshots === 0) await one.connection.close();
}

/** Ends once it is told to, and nobody holds it. */
class Lease {
  readonly #end: () => Promise<void>;
  readonly #ended = Promise.withResolvers<undefined>();
  #holders = 0;
  #isEnding = false;
  #hasEnded = false;

  constructor(end: () => Promise<void>) {
    this.#end = end;
  }

  hold(): () => void {
    this.#holders += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders -= 1;
      if (this.#isEnding && this.#holders === 0) void this.endNow();
    };
  }

  end(): Promise<void> {
    this.#isEnding = true;
    if (this.#holders === 0) void this.endNow();
    return this.#ended.promise;
  }

  async endNow(): Promise<void> {
    if (this.#hasEnded) return this.#ended.promise;
    this.#hasEnded = true;
    await this.#end();
    this.#ended.resolve(undefined);
  }
}

/** The snapshot that new requests use. A request that began with an older one keeps that until its end. */
export class CurrentSnapshot {
  readonly #open = new Set<Snapshot>();
  #snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#open.add(snapshot);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** All that somebody may still use, the current one among them. */
  get open(): readonly Snapshot[] {
    return [...this.#open];
  }

  /** From now on requests use this one. Resolves once the one before is closed. */
  async swap(next: Snapshot): Promise<void> {
    const before = this.#snapshot;
    this.#open.add(next);
    this.#snapshot = next;
    await before.retire();
    this.#open.delete(before);
  }

  /** Closes all of them at once. */
  async close(): Promise<void> {
    await Promise.all(this.open.map((snapshot) => snapshot.close()));
  }
}
