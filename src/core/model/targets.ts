import type { Caller } from './caller.js';
import type { Target } from './target.js';

/** All targets of one configuration. A running operation keeps the snapshot it began with. */
export interface Targets {
  readonly all: readonly Target[];
  named(name: string): Target | undefined;
  /** What is granted now to the API keys of this name; null if there are none. */
  callerOf?(name: string): Caller | null;
  /** Keeps them usable until what it gives is called, whatever becomes of the configuration. */
  hold?(): () => void;
}
