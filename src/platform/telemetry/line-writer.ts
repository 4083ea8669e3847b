import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** So many bytes are written before the turn ends. */
const soonBytes = 8192;
/** So many wait for a reader that is slow; then lines are dropped. */
const mostBytes = 256 * 1024;
const tryAgainMs = 50;

let dropped = 0;

/** How many lines of the log were dropped, since they could not be written. */
export function linesDropped(): number {
  return dropped;
}

/**
 * Writes all lines of one turn of the event loop at once, since each write costs as much as making its line. It never
 * waits: what a full pipe does not take is tried again, and what cannot be written at all is dropped and counted.
 */
export class LineWriter {
  readonly #fd: number;
  #lines: string[] = [];
  #bytes = 0;
  /** What a pipe did not take, which may begin within a line. */
  #rest: Buffer | null = null;
  #isDue = false;

  constructor(fd: number) {
    this.#fd = withoutWaiting(fd);
    process.once('exit', () => {
      this.flushSync();
    });
  }

  write(line: string): void {
    if (this.#bytes + (this.#rest?.length ?? 0) >= mostBytes) {
      dropped += 1;
      return;
    }
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#rest === null && this.#bytes >= soonBytes) this.flushSync();
    else if (!this.#isDue) this.#later();
  }

  /** Writes what can be written now. */
  flushSync(): void {
    this.#isDue = false;
    const [count, text] = [this.#lines.length, this.#lines.join('')];
    const bytes = this.#rest === null ? Buffer.from(text) : Buffer.concat([this.#rest, Buffer.from(text)]);
    [this.#lines, this.#bytes, this.#rest] = [[], 0, null];
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (thrown) {
      if (isFull(thrown)) this.#keep(bytes.subarray(written));
      else dropped += Math.max(count, 1);
    }
  }

  #keep(rest: Buffer): void {
    this.#rest = rest;
    this.#isDue = true;
    setTimeout(() => {
      this.flushSync();
    }, tryAgainMs).unref();
  }

  #later(): void {
    this.#isDue = true;
    setImmediate(() => {
      if (this.#rest === null) this.flushSync();
    });
  }
}

/**
 * Makes writing give up where it would wait: a pipe is opened anew, which changes nothing for others; a socket is told.
 */
function withoutWaiting(fd: number): number {
  try {
    const stat = fstatSync(fd);
    if (stat.isFIFO()) return openSync(`/proc/self/fd/${String(fd)}`, constants.O_WRONLY | constants.O_NONBLOCK);
    if (stat.isSocket()) sockets.push(new Socket({ fd, readable: false }).unref());
  } catch {
    // Then it is written to as it is.
  }
  return fd;
}

/** Held, since one that is collected closes. */
const sockets: Socket[] = [];

function isFull(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN';
}
