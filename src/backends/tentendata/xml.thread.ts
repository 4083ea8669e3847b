import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Call } from '../../core/model/target.js';
import { Turns } from '../../transport/turns.js';
import type { LongText, Reading } from './xml.reader.js';

/** The thread runs what stands beside this file: the sources under test, what was built of them otherwise. */
const program = new URL(`./xml.reader${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Megabytes of objects at which a thread is ended: the members that fit into 16 MiB take less. The program's own flag
 * goes before.
 */
const mostMegabytes = 128;

/** One at a time: each takes a processor and many times the size of its text. */
const turns = new Turns({ inFlight: 1, queue: 32 });

/**
 * Reads a long document in a thread of its own, so that nobody else waits for it. Throws Failure `upstream-timeout`
 * when the time of the call is over before that is done, or `overloaded` before it was begun.
 */
export async function readBeside(text: string, call: Call, clock: Clock): Promise<Reading> {
  await turns.take(call, clock);
  const over = new AbortController();
  const signal = AbortSignal.any([call.signal, over.signal]);
  try {
    const late = clock.sleep(Math.max(0, call.deadline - clock.now()), signal).then(() => null);
    const reading = await Promise.race([readInThread(text, signal), late]);
    if (reading === null) throw new Failure('upstream-timeout', "The vendor's answer could not be read in time.");
    return reading;
  } finally {
    over.abort();
    turns.pass();
  }
}

/** The thread is ended when the signal aborts. */
async function readInThread(xml: string, signal: AbortSignal): Promise<Reading> {
  const workerData: LongText = { xml };
  const worker = new Worker(program, {
    workerData,
    name: 'xml',
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  const end = (): void => void worker.terminate();
  signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve) => {
    worker.once('message', resolve);
    // What cannot be read in so much memory ends the thread, and nothing else.
    worker.once('error', () => {
      resolve({ is: 'broken', message: 'The answer cannot be read as XML.' });
    });
  });
}
