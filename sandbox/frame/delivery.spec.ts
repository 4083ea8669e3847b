import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Mishap } from './fault.ts';
import { answer, startServer } from './spec-server.ts';
import type { Served } from './spec-server.ts';

const bytes = Buffer.byteLength(answer);

let executed: Served['executed'];
let faults: Served['faults'];
let journal: Served['journal'];
let listener: Served['listener'];
let flush: Served['flush'];

beforeEach(async () => {
  ({ executed, faults, journal, listener, flush } = await startServer());
});

afterEach(() => listener.close());

describe('cuts', () => {
  it.each<[Mishap, boolean, string]>([
    [{ kind: 'reset-before' }, false, 'ECONNRESET'],
    [{ kind: 'reset-after' }, true, 'ECONNRESET'],
    [{ kind: 'fin-after' }, true, 'ECONNRESET'],
  ])('%j: no answer at all', async (mishap, isExecuted, error) => {
    faults.add(mishap);
    expect(await flush()).toMatchObject({ status: null, error });
    expect(executed).toHaveLength(isExecuted ? 1 : 0);
    expect(journal.all()).toHaveLength(1);
    expect(journal.all()[0]).toMatchObject({ executed: isExecuted, ending: 'cut' });
    expect(journal.all()[0]?.answer === null).toBe(!isExecuted);
  });

  it.each([
    ['length', 'fin', 'ECONNRESET'],
    ['length', 'reset', 'ECONNRESET'],
    ['chunked', 'fin', 'ECONNRESET'],
    ['close', 'reset', 'ECONNRESET'],
  ] as const)('in the body, by %s and %s: seen as an error', async (framing, ending, error) => {
    faults.add({ kind: 'cut-body', framing, ending, atByte: 8 });
    expect(await flush()).toMatchObject({ status: 200, body: answer.slice(0, 8), complete: false, error });
    expect(executed).toHaveLength(1);
    expect(journal.all()[0]?.ending).toBe('cut');
  });

  it('in the body without a length: looks complete, at every byte', async () => {
    for (let atByte = 0; atByte < bytes; atByte += 1) {
      faults.replace([{ kind: 'cut-body', framing: 'close', atByte }]);
      const { status, body, error } = await flush();
      expect({ status, error }).toEqual({ status: 200, error: null });
      expect(answer.startsWith(body.replace('\uFFFD', ''))).toBe(true);
      expect(body).not.toBe(answer);
    }
  });

  it('in the middle of the body unless told where', async () => {
    faults.add({ kind: 'cut-body', framing: 'length' });
    expect((await flush()).body).toBe(
      Buffer.from(answer)
        .subarray(0, Math.floor(bytes / 2))
        .toString(),
    );
  });
});

describe('silence', () => {
  it.each([
    ['silence-before', false],
    ['silence-after', true],
  ] as const)('%s lasts until the client goes', async (kind, isExecuted) => {
    faults.add({ kind });
    const patience = new AbortController();
    const seen = flush({ signal: patience.signal });
    const entry = await journal.arrival('flushpool');
    expect(entry).toMatchObject({ executed: isExecuted, ending: 'pending' });
    patience.abort();
    expect(await seen).toMatchObject({ status: null, error: 'ABORT_ERR' });
    await journal.ended(entry);
    expect(entry.ending).toBe('abandoned');
  });

  it('in the middle of the body', async () => {
    faults.add({ kind: 'cut-body', framing: 'chunked', ending: 'silence', atByte: 5 });
    const patience = new AbortController();
    const onPiece = () => {
      patience.abort();
    };
    expect(await flush({ signal: patience.signal, onPiece })).toMatchObject({ status: 200, body: '<out>' });
    const entry = await journal.arrival('flushpool');
    await journal.ended(entry);
    expect(entry).toMatchObject({ executed: true, ending: 'abandoned' });
  });

  it('ends when the server closes', async () => {
    faults.add({ kind: 'silence-after' });
    const seen = flush();
    await journal.arrival('flushpool');
    await listener.close();
    expect((await seen).error).toBe('ECONNRESET');
    expect((await flush()).error).toBe('ECONNREFUSED');
  });
});

describe('slowness', () => {
  it('of the body, byte by byte', async () => {
    faults.add({ kind: 'slow-body', millisecondsPerByte: 1 });
    const pieces: string[] = [];
    const seen = await flush({ onPiece: (soFar) => pieces.push(soFar) });
    expect(seen).toMatchObject({ status: 200, body: answer, complete: true });
    expect(pieces.length).toBeGreaterThan(5);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('%s executing; closing forgets the timer', async (when, isExecuted) => {
    faults.add({ kind: 'latency', milliseconds: 600_000, when });
    const seen = flush();
    const entry = await journal.arrival('flushpool');
    expect(entry.executed).toBe(isExecuted);
    await listener.close();
    expect((await seen).error).toBe('ECONNRESET');
  });

  it('together with another fault, and to its end', async () => {
    faults.replace([{ kind: 'latency', milliseconds: 2 }, { kind: 'html' }, { kind: 'latency', milliseconds: 3 }]);
    expect((await flush()).body).toContain('<html>');
    expect(journal.all()[0]?.faults).toEqual(['latency', 'html', 'latency']);
  });

  it('does not keep a request from being executed though its client has gone', async () => {
    faults.add({ kind: 'latency', milliseconds: 250 });
    const patience = new AbortController();
    const seen = flush({ signal: patience.signal });
    const entry = await journal.arrival('flushpool');
    patience.abort();
    await seen;
    await journal.ended(entry);
    expect(entry).toMatchObject({ executed: false, ending: 'abandoned' });
    faults.clear();
    await flush();
    await journal.executed(entry);
    expect(executed).toHaveLength(2);
    expect(entry.ending).toBe('abandoned');
  });
});
