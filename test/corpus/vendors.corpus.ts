import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../src/core/model/failure.js';
import { isProof, outcomeOf, type Said } from './bytes-vendor.ts';
import { dataOf } from './data.ts';
import { golden } from './golden.ts';
import { jsonOf } from './oracle.ts';

type Body = string | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };
type Verdict = 'done' | 'refused' | 'unproven';

interface Answers extends Partial<Readonly<Record<Verdict, readonly (Body | readonly Body[])[]>>> {
  readonly to: string;
}

const verdicts = ['done', 'refused', 'unproven'] as const;
const answers = ['vendor-xml', 'vendor-json'].flatMap((name) => dataOf(name) as Answers[]);

function saidOf(body: Body): Said {
  if (typeof body === 'string') return { status: 200, bytes: Buffer.from(body) };
  return { ...body, bytes: Buffer.from(body.body) };
}

function verdictOf(outcome: unknown): Verdict {
  if (isProof(outcome)) return 'done';
  return outcome instanceof Failure && outcome.sent === 'refused' ? 'refused' : 'unproven';
}

const named = (wanted: string) => golden.find(({ name }) => name === wanted)!;

describe.each(answers.map((group) => [group.to, group] as const))('the answer to %s', (_name, group) => {
  const one = named(group.to);
  it.each(
    verdicts.flatMap((verdict) =>
      (group[verdict] ?? []).flat().map((body) => [verdict, JSON.stringify(body), body] as const),
    ),
  )('%s: %s', async (verdict, _text, body) => {
    const said = saidOf(body);
    const outcome = await outcomeOf(one, said);
    // A read that is refused and one that proves nothing have done nothing, either way.
    expect(verdictOf(outcome)).toBe(verdict);
    if (verdict === 'done') expect(one.proves(said.bytes.toString(), outcome)).toBe(true);
  });
});

const values = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  '18446744073709551616',
  '""',
  '" "',
  '"x"',
];
const swaps = [
  ...values,
  '"0"',
  '"SUCCESS"',
  '"\\u0000"',
  '[]',
  '[null]',
  '[[]]',
  '[{}]',
  '{}',
  '{"a":1}',
  '"' + 'x'.repeat(5000) + '"',
];

/** Every way to put another value in place of one that is somewhere in a JSON text. */
function swapped(text: string): readonly string[] {
  const marker = '@@';
  const texts: string[] = [];
  const visit = (value: unknown, put: (other: unknown) => unknown): void => {
    const marked = JSON.stringify(put(marker));
    for (const swap of swaps) texts.push(marked.replace(`"${marker}"`, () => swap));
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      const inside = (other: unknown): unknown =>
        Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
      visit(member, (other) => put(inside(other)));
    }
  };
  visit(JSON.parse(text), (other) => other);
  return texts;
}

describe('a value of another type', () => {
  const ofJson = golden.filter(({ said }) => said.bytes.length < 2000 && jsonOf(said.bytes.toString()) !== undefined);
  it.each(ofJson.map((one) => [one.name, one] as const))('is never a proof in the answer to %s', async (_name, one) => {
    const texts = swapped(one.said.bytes.toString());
    expect(texts.length).toBeGreaterThan(swaps.length);
    for (const text of texts) {
      const outcome = await outcomeOf(one, { ...one.said, bytes: Buffer.from(text) });
      if (isProof(outcome) && !one.proves(text, outcome)) throw new Error(`${JSON.stringify(outcome)} of ${text}`);
    }
  });
});
