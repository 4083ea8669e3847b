import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/core/model/failure.js';
import { openSockets } from '../../src/transport/http.js';
import { defaultLimits } from '../../src/transport/limits.js';
import { onRequest, ScriptedServer } from '../scripted-server.ts';
import { isProof, outcomeOf, outcomeOver, type Said } from './bytes-vendor.ts';
import { edited, edits, seed } from './edits.ts';
import { dataOf } from './data.ts';
import { golden, type Golden } from './golden.ts';
import { stalls } from './stall.ts';

const mutations = Number(process.env['CORPUS_MUTATIONS'] ?? 5000);

/** The beginnings of an answer's bytes that leave out more than white space: all of them, or at most so many. */
function prefixes({ said: { bytes } }: Golden, most = Infinity): readonly Buffer[] {
  const end = bytes.toString('latin1').trimEnd().length;
  const step = Math.ceil(end / most) || 1;
  return Array.from({ length: Math.ceil(end / step) }, (_, index) => bytes.subarray(0, index * step));
}

describe.each(golden.map((one) => [one.name, one] as const))('the answer to %s', (_name, one) => {
  it('is believed when it is whole', async () => {
    const outcome = await outcomeOf(one, one.said);
    expect(outcome).not.toBeInstanceOf(Failure);
    expect(outcome).toBeDefined();
    expect(one.proves(one.said.bytes.toString(), outcome)).toBe(true);
  });

  const isRefusedAt = async (said: Said): Promise<void> => {
    const outcome = await outcomeOf(one, said);
    if (isProof(outcome)) throw new Error(`This was believed: ${said.bytes.toString()}`);
    // What was cut off is no refusal either.
    if (outcome instanceof Failure && outcome.sent === 'refused') throw new Error('It was taken for a refusal.');
  };

  it('is not when any number of bytes is missing at its end', async () => {
    for (const bytes of prefixes(one)) await isRefusedAt({ ...one.said, bytes });
  });

  it('is not when its connection breaks, whatever came before', async () => {
    for (const bytes of prefixes(one, 500)) await isRefusedAt({ ...one.said, bytes, isCut: true });
    await isRefusedAt({ ...one.said, isCut: true });
  });
});

const framings = ['length', 'chunks', 'close'] as const;

/** An answer as it goes over the wire: all of it, or only so many bytes of its body before the connection ends. */
function wireOf(
  { status, headers = {}, bytes }: Said,
  framing: (typeof framings)[number],
  length = bytes.length,
): Buffer {
  const isWhole = length === bytes.length;
  const part = bytes.subarray(0, length);
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  const head = (...more: string[]) => [`HTTP/1.1 ${status} Said`, ...lines, ...more, '', ''].join('\r\n');
  if (framing === 'close') return Buffer.concat([Buffer.from(head()), part]);
  if (framing === 'length') return Buffer.concat([Buffer.from(head(`content-length: ${bytes.length}`)), part]);
  const chunk = length === 0 ? '' : `${length.toString(16)}\r\n${part.toString('latin1')}\r\n`;
  return Buffer.from(`${head('transfer-encoding: chunked')}${chunk}${isWhole ? '0\r\n\r\n' : ''}`, 'latin1');
}

describe('an answer over a socket', () => {
  const sockets = openSockets(defaultLimits);
  let server: ScriptedServer;
  let wires: readonly Buffer[] = [];
  let asked = 0;

  beforeAll(async () => {
    server = await ScriptedServer.start(
      onRequest((socket) => void socket.end(wires[Math.min(asked++, wires.length - 1)] ?? '')),
    );
  });

  afterAll(async () => {
    await sockets.destroy();
    await server[Symbol.asyncDispose]();
  });

  const over = (one: Golden, wire: Buffer): Promise<unknown> => {
    const whole = (said: Said) => wireOf(said, 'length');
    wires = [...(one.before ?? []).map(whole), wire, ...(one.after ?? []).map(whole)];
    asked = 0;
    return outcomeOver(sockets, server.url(''), one);
  };
  // Lists are sampled: what is done over sockets is the same for all.
  const most = 60;
  const withBody = golden.filter(({ said }) => said.bytes.length > 0);

  describe.each(framings)('that ends by its %s', (framing) => {
    it.each(withBody.map((one) => [one.name, one] as const))(
      'is believed whole, and cut nowhere: %s',
      async (_name, one) => {
        expect(isProof(await over(one, wireOf(one.said, framing)))).toBe(true);
        for (const { length } of prefixes(one, most)) {
          if (isProof(await over(one, wireOf(one.said, framing, length)))) {
            throw new Error(`It was believed with ${length} bytes.`);
          }
        }
      },
    );
  });
});

interface Heavy {
  readonly name: string;
  readonly to: string;
  readonly begin?: string;
  readonly repeat: string;
  readonly times: number;
  readonly end?: string;
}

describe('a heavy answer', () => {
  it.each((dataOf('heavy-answers') as Heavy[]).map((heavy) => [heavy.name, heavy] as const))(
    'holds nobody up: %s',
    async (_name, { to, begin = '', repeat, times, end = '' }) => {
      const one = golden.find(({ name }) => name === to)!;
      const text =
        begin + Array.from({ length: times }, (_, index) => repeat.replace('$', String(index))).join('') + end;
      const said = { ...one.said, bytes: Buffer.from(text) };
      let outcome: unknown;
      expect(await stalls(async () => (outcome = await outcomeOf(one, said)))).toBe(false);
      if (isProof(outcome)) expect(one.proves(text, outcome)).toBe(true);
    },
  );
});

describe('mutated answers', () => {
  it('are believed only where they say so, never crash and never stall', async () => {
    const any = fc.constantFrom(...golden.map(({ name }) => name));
    const named = (wanted: string): Golden => golden.find(({ name }) => name === wanted)!;
    const property = fc.asyncProperty(any, any, edits, async (name, otherName, changes) => {
      const [one, other] = [named(name), named(otherName)];
      const said = { ...one.said, bytes: edited(one.said.bytes, changes, other.said.bytes) };
      let outcome: unknown;
      const ask = async () => (outcome = await outcomeOf(one, said));
      if (await stalls(ask)) throw new Error(`${one.name}: it took too long to read`);
      // A byte order mark belongs to the encoding.
      const text = said.bytes.toString().replace(/^\ufeff/, '');
      if (isProof(outcome) && !one.proves(text, outcome)) {
        throw new Error(
          `${one.name}: ${JSON.stringify(outcome)} was believed of ${JSON.stringify(text.slice(0, 1000))}`,
        );
      }
    });
    await fc.assert(property, { seed, numRuns: mutations });
  });
});
