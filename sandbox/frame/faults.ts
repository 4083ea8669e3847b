import type { Arrived } from '../exchange.ts';
import type { Disturbance, Fault } from './fault.ts';

/** What is to go wrong with one request. */
export interface Trouble {
  readonly millisecondsBefore: number;
  readonly millisecondsAfter: number;
  readonly disturbance: Disturbance | null;
  /** The kinds of all that was met. */
  readonly kinds: readonly string[];
}

interface Switch {
  readonly fault: Fault;
  skip: number;
  left: number;
}

function meets({ fault }: Switch, vendor: string, call: string, arrived: Arrived): boolean {
  const { vendor: onVendor = '*', call: onCall = '*', contains } = fault;
  if (onVendor !== '*' && onVendor !== vendor) return false;
  if (onCall !== '*' && onCall !== call) return false;
  return contains === undefined || `${arrived.path}?${arrived.query}\n${arrived.body.toString()}`.includes(contains);
}

/** The fault switches. Latencies add up; of the other faults that meet a request, the first one happens. */
export class Faults {
  #switches: Switch[] = [];

  /** What is switched on, with the `skip` and `times` that are left. */
  list(): readonly Fault[] {
    return this.#switches.map(({ fault, skip, left }) => ({
      ...fault,
      ...(fault.skip === undefined ? {} : { skip }),
      ...(fault.times === undefined ? {} : { times: left }),
    }));
  }

  add(fault: Fault): void {
    this.#switches.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? Infinity });
  }

  replace(faults: readonly Fault[]): void {
    this.clear();
    for (const fault of faults) this.add(fault);
  }

  clear(): void {
    this.#switches = [];
  }

  /** What happens to this request; uses up one of the `times` of each fault it meets. */
  take(vendor: string, call: string, arrived: Arrived): Trouble {
    let millisecondsBefore = 0;
    let millisecondsAfter = 0;
    let disturbance: Disturbance | null = null;
    const kinds: string[] = [];
    for (const entry of this.#switches) {
      const { fault } = entry;
      if ((disturbance !== null && fault.kind !== 'latency') || !meets(entry, vendor, call, arrived)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      kinds.push(fault.kind);
      if (fault.kind !== 'latency') disturbance = fault;
      else if (fault.when === 'after') millisecondsAfter += fault.milliseconds;
      else millisecondsBefore += fault.milliseconds;
    }
    this.#switches = this.#switches.filter((entry) => entry.left > 0);
    return { millisecondsBefore, millisecondsAfter, disturbance, kinds };
  }
}
