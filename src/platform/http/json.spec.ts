import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../core/model/failure.js';
import { parseJson } from './json.js';

const read = (text: string) => parseJson(Buffer.from(text));

/** Where the errors are that a body is refused for. */
function refusal(body: string | Buffer): (string | undefined)[] {
  try {
    parseJson(Buffer.from(body));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Failure);
    const { kind, errors } = thrown as Failure;
    expect(kind).toBe('invalid-request');
    return errors.map(({ pointer }) => pointer);
  }
  return [];
}

describe('JSON', () => {
  it('is read as the runtime reads it', () => {
    const key = fc.string({ unit: 'grapheme' }).filter((text) => !/^(?:__proto__|constructor|prototype)$/.test(text));
    const values = [fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)];
    const safe = fc.object({ key, values, maxDepth: 6 });
    fc.assert(
      fc.property(safe, fc.constantFrom(0, 2), (value, spaces) => {
        const text = JSON.stringify(value, null, spaces);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is refused where the runtime refuses it', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', ' ', '0', '1', '.', '-', 'e', 'true', 'nul'),
          maxLength: 12,
        }),
        (text) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          if (!valid) expect(refusal(text)).toEqual(['']);
        },
      ),
    );
  });

  it('tells where it is broken, and never what stands there', () => {
    for (const text of [
      '{"a":tell-nobody}',
      '{"a":"tell-nobody',
      '{"tell-nobody"}',
      `${'[0,'.repeat(99)}tell-nobody`,
    ]) {
      expect(() => read(text)).toThrow(
        /^The body is (?:not valid JSON(?:, at character \d+)?|nested deeper than 16 levels)\.$/,
      );
    }
    expect(() => read('{"a":1,}')).toThrow(', at character 7.');
  });

  it.each([
    ['1', 1],
    ['-0', -0],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-18446744073709551616', -18446744073709551616n],
    ['1.5', 1.5],
    ['0.1', 0.1],
    ['1.0', 1],
    ['1e3', 1000],
    ['9007199254740993.0', NaN],
    ['4503599627370497.1', NaN],
    ['0.99999999999999999999', NaN],
    ['1e400', Infinity],
    ['9'.repeat(41), NaN],
  ])('takes the number %s for what it is, or for none', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it('is read alike, whether or not a long number makes it be read the exact way', () => {
    const digits = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String);
    const fraction = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map(String);
    const values = fc.array(fc.oneof(digits, fraction, fc.constantFrom('"1.5"', '"1e9"', 'null', '-0')), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(values, (texts) => {
        const exactly = read(`[${[...texts, '9007199254740993'].join(',')}]`) as unknown[];
        expect(read(`[${texts.join(',')}]`)).toEqual(exactly.slice(0, -1));
      }),
    );
  });

  it.each([
    ['{"a":1,"a":1}', ['/a']],
    ['{"a":1,"b":{"a":1,"a":2},"b":{}}', ['/b/a', '/b']],
    ['[{"a":1},{"a":1,"a":1}]', ['/1/a']],
    ['{"a":1,"\\u0061":2}', ['/a']],
    ['{"a/b":1,"a/b":1,"~":1,"~":1}', ['/a~1b', '/~0']],
    ['{"":1,"":1}', ['/']],
    ['{"a":"b","b":"a"}', []],
    ['{"a":["a","a"],"b":{"a":":"}}', []],
    ['{"a":"\\"a\\":1,","b":"\\\\"}', []],
  ])('%s has keys twice at %j', (text, pointers) => {
    expect(refusal(text)).toEqual(pointers);
  });

  it.each([
    ['{"__proto__":1}', ['/__proto__']],
    ['{"a":[[{"constructor":{"prototype":1}}]]}', ['/a/0/0/constructor', '/a/0/0/constructor/prototype']],
    ['{"\\u005f\\u005fproto__":null}', ['/__proto__']],
    ['["__proto__","constructor"]', []],
    ['{"a":"__proto__","Constructor":1}', []],
  ])('%s reaches into prototypes at %j', (text, pointers) => {
    expect(refusal(text)).toEqual(pointers);
  });

  it('is at most 16 levels deep, whatever stands in texts', () => {
    expect(refusal(`${'['.repeat(16)}${']'.repeat(16)}`)).toEqual([]);
    expect(refusal(`${'['.repeat(17)}${']'.repeat(17)}`)).toEqual(['']);
    expect(refusal(`${'[{"a":'.repeat(8)}1${'}]'.repeat(8)}`)).toEqual([]);
    expect(refusal('[],'.repeat(3).replace(/^/, '[').replace(/,$/, ']'))).toEqual([]);
    expect(refusal(JSON.stringify('[{'.repeat(100)))).toEqual([]);
    expect(refusal('['.repeat(200_000))).toEqual(['']);
  });

  it('holds at most 4096 values, whatever stands in texts', () => {
    const list = (values: number): string => `[${'1,'.repeat(values - 2)}1]`;
    expect(refusal(list(4096))).toEqual([]);
    expect(refusal(list(4097))).toEqual(['']);
    expect(refusal(`[${'{},'.repeat(2048)}1]`)).toEqual(['']);
    expect(refusal(JSON.stringify(list(100_000)))).toEqual([]);
  });

  it('is UTF-8 without a byte order mark', () => {
    expect(refusal('\ufeff{}')).toEqual(['']);
    for (const bytes of ['22ff22', '22c0af22', '22eda08022', '22f490808022', '22e282']) {
      expect(refusal(Buffer.from(bytes, 'hex'))).toEqual(['']);
    }
    expect(read('"ä€😀"')).toBe('ä€😀');
  });
});
