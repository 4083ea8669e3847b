import type { ListedItem } from './listed-item.js';
import type { FieldError } from './failure.js';
import type { Sort, Position } from './order.js';
import type { Selection } from './selection.js';
import type { SessionSettings } from './session-settings.js';
import type { Mode } from './target.js';

/** Where the members of a call were written, so that what is wrong with one can be told where it stands. */
export interface Writing {
  readonly in: 'query' | 'body';
  /** The position of the first target that labels stand for: those before it were named. */
  readonly labelledFrom?: number;
  /** The lists of a body that have another name there, or gaps: where each value that is left stands. */
  readonly lists?: Readonly<Record<string, { readonly name: string; readonly positions: readonly number[] }>>;
}

/** A request whose members are parameters of its query. */
export const inQuery: Writing = { in: 'query' };
/** A request whose members stand in its body. */
export const inBody: Writing = { in: 'body' };

/** Where a member stands: a parameter of the query, whose position is not told, or a pointer into the body. */
export function placeIn(writing: Writing, member: string, index?: number): Omit<FieldError, 'message'> {
  if (/^targets?$/.test(member) && index !== undefined && index >= (writing.labelledFrom ?? Infinity)) {
    return writing.in === 'query' ? { parameter: 'label' } : { pointer: '/labels' };
  }
  if (writing.in === 'query') return { parameter: member };
  const { name, positions } = writing.lists?.[member] ?? { name: member, positions: [] };
  // A body that names its only target has no list of them.
  const isAlone = member === 'target' && positions.length === 0;
  return {
    pointer: index === undefined || isAlone ? `/${name}` : `/${name}/${String(positions[index] ?? index)}`,
  };
}

/** What every mutating call says about itself. */
export interface Intent {
  readonly writing: Writing;
  readonly dryRun: boolean;
  readonly reason: string | null;
  readonly onBehalfOf: string | null;
  /** Somebody else is to approve it before it is carried out. */
  readonly isForApproval?: boolean;
  /** An emergency: it is carried out at once, as if it had been approved. */
  readonly breaksGlass?: boolean;
}

/** A look, as it was understood. */
export interface LookRequest {
  readonly writing: Writing;
  readonly targets: readonly string[];
  readonly selection: Selection;
  /** True: targets that it does not apply to are left out and told, instead of refusing all. */
  readonly skipsInapplicable?: boolean;
  /** True: only those that may be ended. */
  readonly isUnprotected?: boolean;
  readonly sort: Sort | null;
  /** 0 for counts only. */
  readonly limit: number;
  readonly after: Position | null;
}

/** What a dry run fixed: whom a call may end, and nobody else. */
export interface Plan {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The victims on each of its targets. */
  readonly victims: ReadonlyMap<string, readonly ListedItem[]>;
  /** They were chosen by a filter, so that the caps of the moment hold for them, too. */
  readonly byFilter: boolean;
  /** The nodes that were looked at on each target. */
  readonly nodes: ReadonlyMap<string, readonly (string | null)[]>;
}

/** A process that a call lists by its id. */
export interface NamedProcess {
  readonly id: string;
  /** Null: the caller does not say on which node. */
  readonly node: string | null;
  /** Where it stands in the list. */
  readonly position: number;
}

/** A kill, as it was understood. */
export interface KillRequest extends Intent {
  readonly kind: 'processes.kill';
  readonly targets: readonly string[];
  /** Then the selection says nothing. */
  readonly plan: Plan | null;
  readonly selection: Selection;
  /** True: targets that it does not apply to are left out and told, instead of refusing all. */
  readonly skipsInapplicable?: boolean;
  /** Processes that are listed one by one, by their targets; then the selection says nothing. */
  readonly listed?: ReadonlyMap<string, readonly NamedProcess[]>;
  /** In this order, longest first. */
  readonly sort?: Sort | null;
  /** Of what a filter chose, only the first so many. */
  readonly first?: number | null;
  /** Refuse when more match; null for no such limit. */
  readonly max: number | null;
}

/** A flush, as it was understood. */
export interface FlushRequest extends Intent {
  readonly kind: 'sessions.flush';
  readonly targets: readonly string[];
  readonly plan: Plan | null;
  readonly mode: Mode;
  readonly node: string | null;
  /** Null if the caller did not write it. */
  readonly minIdleSeconds: number | null;
  /** Only those that these filters fit; absent where there are none. */
  readonly text?: Selection['text'];
  /** Refuse unless every target can be reached. */
  readonly requireAll: boolean;
}

/** A tune, as it was understood. */
export interface TuneRequest extends Intent {
  readonly kind: 'sessions.tune';
  readonly targets: readonly string[];
  readonly settings: SessionSettings;
}

/** A call that changes something. */
export type MutatingRequest = KillRequest | FlushRequest | TuneRequest;

/** Do caps give way to the most that may be approved? */
export function isExempt({ isForApproval, breaksGlass }: Intent): boolean {
  return isForApproval === true || breaksGlass === true;
}

/** From how long idle on a graceful flush ends a process, where the caller does not say. */
export const defaultMinIdleSeconds = 60;

/** How many targets one call may name. */
export const maxTargets = 100;
