import type { Clock } from '../../core/clock.js';
import type { Target, Targets } from '../../core/target.js';
import type { Watchers } from '../../transport/send.js';
import { Authenticator, type AuthFailureReason } from '../auth/authenticator.js';
import type { Configuration } from './load.js';

/** One configuration, brought to life: who may call, and what there is to call. */
export interface Snapshot {
  readonly targets: Targets;
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

/** Opens the connections of a configuration and makes its targets. Nothing is sent yet. */
export function openSnapshot(
  { auth, connections, targets }: Configuration,
  watchers: Watchers & { authFailed(reason: AuthFailureReason): void },
  clock: Clock,
): Snapshot {
  const opened = new Map(
    [...connections].map(([name, { vendor, config }]) => [name, vendor.open(name, config, watchers, clock)] as const),
  );
  const made = targets.flatMap(({ backend, config }): readonly Target[] => {
    const connection = opened.get(config.connection);
    return connection ? [backend.make(config, connection)] : [];
  });
  const byName = new Map(made.map((target) => [target.name, target]));
  return {
    targets: { all: made, named: (name) => byName.get(name) },
    authenticator: new Authenticator(auth, (reason) => {
      watchers.authFailed(reason);
    }),
    close: async () => {
      await Promise.all([...opened.values()].map((connection) => connection.close()));
    },
  };
}

/** The snapshot that new requests use. Whoever began with an older one keeps it. */
export class CurrentSnapshot {
  snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }
}
