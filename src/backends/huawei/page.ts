import type { Seen } from '../../core/model/process.js';
import type { Call } from '../../core/model/target.js';

/** One page of a vendor's list. */
export interface Page {
  readonly processes: readonly Seen[];
  /** How many rows the page has: those that no kill could name are no processes. */
  readonly rows: number;
  /** How many there are on all pages; null if the vendor does not tell. */
  readonly total: number | null;
}

/** Asks for one page. */
export type PageFrom = (offset: number, limit: number, call: Call) => Promise<Page>;
