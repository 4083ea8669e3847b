import type { Arrived } from '../exchange.ts';
import { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import type { Listener } from './listener.ts';
import { serve } from './server.ts';
import { exchange } from './spec-client.ts';
import type { Call, Seen } from './spec-client.ts';

/** What the emulator behind the server answers to everything. */
export const answer = '<out><rc>0</rc><msg>Größe</msg></out>';

/** A server whose emulator only remembers what it has executed. */
export interface Served {
  readonly executed: readonly Arrived[];
  readonly faults: Faults;
  readonly journal: Journal;
  readonly listener: Listener;
  /** Sends one `flushpool`. */
  readonly flush: (call?: Call) => Promise<Seen>;
}

/** Starts one on a free port; the call is named by `api`, and `/broken` throws. */
export async function startServer(): Promise<Served> {
  const executed: Arrived[] = [];
  const faults = new Faults();
  const journal = new Journal(() => 0);
  const emulator = {
    vendor: '1010data',
    callOf: ({ query }: Arrived) => query.replace('api=', '').replace(/&.*/, ''),
    answer(arrived: Arrived) {
      if (arrived.path === '/broken') throw new Error('a mistake of ours');
      executed.push(arrived);
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: answer };
    },
  };
  const listener = await serve(emulator, { journal, faults });
  const flush = (call?: Call) => exchange(`${listener.url}/gw.k?api=flushpool&pswd=geheim`, call);
  return { executed, faults, journal, listener, flush };
}
