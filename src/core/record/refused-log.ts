import type { Clock } from '../model/clock.js';
import { newId } from '../model/new-id.js';
import type { Refused, KeptRefusal, RefusedCalls } from './refused-calls.js';

/** How many unlike calls are kept: of one caller in a minute and in a day, and of all in a day. */
const most = { ofCallerAMinute: 30, ofCallerADay: 1000, inAllADay: 10_000 } as const;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const writeEveryMs = 1000;
/** So many are written at once. */
const batch = 100;
/** So many wait at most for a store that cannot be written. */
const mostWaiting = 1000;

type Open = { -readonly [Member in keyof KeptRefusal]: KeptRefusal[Member] };

/** Counts by name, for as long as one window lasts. */
class Window {
  readonly #counts = new Map<string, number>();
  #index = -1;

  constructor(private readonly lengthMs: number) {}

  count(name: string, now: number): number {
    const index = Math.floor(now / this.lengthMs);
    if (index !== this.#index) this.#counts.clear();
    this.#index = index;
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

/**
 * Keeps refused calls, off the way of those who are refused: like ones of a minute are one with a count, what is too
 * much is counted only, and what is kept is written together, once a second at most.
 */
export class RefusedLog {
  readonly #kept: RefusedCalls;
  readonly #clock: Clock;
  readonly #onUnkept: () => void;
  readonly #onError: (thrown: unknown) => void;
  readonly #minute = new Window(minuteMs);
  readonly #day = new Window(dayMs);
  readonly #inAll = new Window(dayMs);
  /** Those of this minute, by what they have in common. */
  readonly #open = new Map<string, Open>();
  #openSince = 0;
  readonly #waiting = new Set<Open>();
  readonly #stopped = new AbortController();
  #writing: Promise<void> | null = null;

  constructor(kept: RefusedCalls, clock: Clock, told: { onUnkept: () => void; onError: (thrown: unknown) => void }) {
    this.#kept = kept;
    this.#clock = clock;
    this.#onUnkept = told.onUnkept;
    this.#onError = told.onError;
  }

  /** Keeps a call, or counts it. Never throws, and waits for nothing. */
  tell(call: Refused): void {
    const now = this.#clock.now();
    const minute = Math.floor(now / minuteMs);
    if (minute !== this.#openSince) this.#open.clear();
    this.#openSince = minute;
    const { requestedBy, kind, mode, dryRun, targets, problem } = call;
    const key = JSON.stringify([requestedBy, kind, mode, dryRun, problem.code, targets.map(({ target }) => target)]);
    const same = this.#open.get(key);
    if (same) {
      same.times += 1;
      same.lastAt = now;
      this.#write(same);
      return;
    }
    if (!this.#mayKeep(requestedBy, now)) {
      this.#onUnkept();
      return;
    }
    const open: Open = { ...call, id: newId('refused_', now), at: now, lastAt: now, times: 1 };
    this.#open.set(key, open);
    this.#write(open);
  }

  /** Writes what waits, as far as the store takes it, and goes on no longer. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#writing;
  }

  #mayKeep(caller: string, now: number): boolean {
    const isFull =
      this.#minute.count(caller, now) >= most.ofCallerAMinute ||
      this.#day.count(caller, now) >= most.ofCallerADay ||
      this.#inAll.count('', now) >= most.inAllADay ||
      this.#waiting.size >= mostWaiting;
    if (isFull) return false;
    this.#minute.add(caller);
    this.#day.add(caller);
    this.#inAll.add('');
    return true;
  }

  #write(call: Open): void {
    this.#waiting.add(call);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#clock.sleep(writeEveryMs, this.#stopped.signal);
      const calls = [...this.#waiting].slice(0, batch);
      for (const call of calls) this.#waiting.delete(call);
      try {
        await this.#kept.keep(calls.map((call) => ({ ...call })));
      } catch (thrown) {
        this.#onError(thrown);
        // Another try comes, unless this replica stops.
        if (this.#stopped.signal.aborted) return;
        for (const call of calls) this.#waiting.add(call);
      }
    }
  }
}
