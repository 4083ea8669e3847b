import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import type { Call } from './calls.ts';
import { cutMessages } from './messages.ts';
import { spreadOf, type Spread } from './spread.ts';

/** What a while of load came to. Times in milliseconds. */
export interface Outcome {
  readonly seconds: number;
  /** Answers by their status; 0 for a connection that broke. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that were due in this time and had no answer by its end. */
  readonly unanswered: number;
  /** Of the answers that are 200. */
  readonly ok: Spread;
  /** Of all others. */
  readonly refused: Spread;
}

/** What load is put on whom. */
export interface LoadOptions {
  readonly port: number;
  readonly call: Call;
  /** Requests a second, each timed from the moment it was due. As fast as the connections answer, if absent. */
  readonly rate?: number;
}

/** For how long there is load before anything counts, and how long is measured. */
export interface Span {
  readonly leadSeconds: number;
  readonly seconds: number;
  /** Told when the measured time begins and ends. */
  readonly mark?: (edge: 'begin' | 'end') => void;
}

const patienceMs = 2000;

interface Lane {
  readonly socket: Socket;
  target: string;
  due: number;
}

/**
 * Puts load on a gateway, one while after another, on connections that are kept in between: closed loop, or at a
 * constant rate without leaving out what was late (coordinated omission).
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #requests: ReadonlyMap<string, Buffer>;
  readonly #targets: string[];
  readonly #idle: Lane[] = [];
  readonly #lanes = new Set<Lane>();
  /** When requests were due that found no free connection. */
  #late: number[] = [];
  #statuses: Record<string, number> = {};
  #ok = createHistogram();
  #refused = createHistogram();
  #gone = 0;
  #measures = false;
  #begun = 0;
  #over = false;

  constructor(options: LoadOptions) {
    const { call } = options;
    this.#options = options;
    this.#targets = [...call.targets];
    this.#requests = new Map(call.targets.map((target) => [target, call.request(target)]));
  }

  /** Puts load on it for a while, and lets what is under way end. */
  async run({ leadSeconds, seconds, mark }: Span): Promise<Outcome> {
    const { rate, call } = this.#options;
    [this.#late, this.#statuses, this.#gone, this.#over] = [[], {}, 0, false];
    [this.#ok, this.#refused] = [createHistogram(), createHistogram()];
    // Callers who come at a rate of their own keep their connections.
    if (rate !== undefined) await this.#openAll();
    const stopPacing = rate === undefined ? null : this.#pace(rate);
    for (let open = 0; rate === undefined && open < call.connections; open += 1) this.#fire(performance.now());
    await sleep(leadSeconds);
    mark?.('begin');
    this.#begun = performance.now();
    this.#measures = true;
    await sleep(seconds);
    this.#measures = false;
    const ended = performance.now();
    mark?.('end');
    this.#over = true;
    stopPacing?.();
    const due = [...this.#late, ...[...this.#lanes].filter((lane) => lane.target !== '').map((lane) => lane.due)];
    const still = rate === undefined ? 0 : due.filter((at) => at >= this.#begun && at < ended).length;
    for (let waited = 0; this.#idle.length < this.#lanes.size && waited < 1000; waited += 1) await sleep(0.01);
    return {
      seconds: (ended - this.#begun) / 1000,
      statuses: this.#statuses,
      unanswered: still + this.#gone,
      ok: spreadOf(this.#ok),
      refused: spreadOf(this.#refused),
    };
  }

  close(): void {
    this.#over = true;
    for (const { socket } of this.#lanes) socket.destroy();
  }

  /** Fires whatever is due, millisecond by millisecond. */
  #pace(rate: number): () => void {
    const start = performance.now();
    let fired = 0;
    const timer = setInterval(() => {
      for (const due = (performance.now() - start) * (rate / 1000); fired < due; fired += 1) {
        this.#fire(start + (fired * 1000) / rate);
      }
    }, 1);
    return () => {
      clearInterval(timer);
    };
  }

  #fire(due: number): void {
    const lane = this.#idle.shift() ?? (this.#lanes.size < this.#options.call.connections ? this.#open() : undefined);
    if (lane && this.#targets.length > 0) this.#send(lane, due);
    else {
      if (lane) this.#idle.push(lane);
      this.#late.push(due);
    }
  }

  /** Whoever listens accepts them one by one. */
  async #openAll(): Promise<void> {
    while (this.#lanes.size < this.#options.call.connections) this.#idle.push(this.#open());
    await sleep(2);
  }

  #open(): Lane {
    const socket = connect({ port: this.#options.port, host: '127.0.0.1', noDelay: true });
    const lane: Lane = { socket, target: '', due: 0 };
    this.#lanes.add(lane);
    const hear = cutMessages((head) => {
      // A server may take its leave of who asks nothing.
      if (lane.target !== '') this.#answered(lane, head.slice(9, 12));
    });
    socket.on('data', hear);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#lanes.delete(lane);
      const index = this.#idle.indexOf(lane);
      if (index >= 0) this.#idle.splice(index, 1);
      if (lane.target === '') return;
      this.#count(lane, '0');
      if (!this.#over) this.#next(this.#open());
    });
    return lane;
  }

  #send(lane: Lane, due: number): void {
    lane.target = this.#targets.shift() ?? '';
    lane.due = due;
    lane.socket.write(this.#requests.get(lane.target) ?? '');
  }

  #answered(lane: Lane, status: string): void {
    this.#count(lane, status);
    if (this.#over) this.#idle.push(lane);
    else this.#next(lane);
  }

  #count(lane: Lane, status: string): void {
    if (this.#measures) {
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
      const micros = Math.max(1, Math.round((performance.now() - lane.due) * 1000));
      (status === '200' ? this.#ok : this.#refused).record(micros);
    }
    this.#targets.push(lane.target);
    lane.target = '';
  }

  #next(lane: Lane): void {
    if (this.#options.rate === undefined) this.#send(lane, performance.now());
    else {
      const late = this.#nextLate();
      if (late === undefined) this.#idle.push(lane);
      else this.#send(lane, late);
    }
  }

  /** Callers do not wait for ever: who found no connection in time has gone. */
  #nextLate(): number | undefined {
    for (;;) {
      const due = this.#late.shift();
      if (due === undefined || performance.now() - due < patienceMs) return due;
      if (this.#measures && due >= this.#begun) this.#gone += 1;
    }
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
