import fc from 'fast-check';

/** A run is repeated by its seed: `CORPUS_SEED=… CORPUS_MUTATIONS=100000 npm run test:corpus`. */
export const seed = Number(process.env['CORPUS_SEED'] ?? 20_261_121);

/** One change of some bytes. Places are shares of the whole, so that an edit fits any answer. */
interface Edit {
  readonly kind: 'cut' | 'drop' | 'double' | 'swap' | 'flip' | 'put' | 'replace' | 'flood' | 'splice';
  readonly from: number;
  readonly to: number;
  readonly byte: number;
  readonly piece: string;
}

/** What means something to somebody who reads XML or JSON. */
const pieces = [
  ...[
    '<',
    '>',
    '/',
    '&',
    '"',
    "'",
    '=',
    '!',
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\u001b',
    '\u00a0',
    '\ufeff',
    '\u2028',
    '0',
    '-',
  ],
  ...[
    '<rc>0</rc>',
    '<rc>5</rc>',
    '<rc/>',
    '</rc>',
    '<out>',
    '</out>',
    '<out/>',
    '<msg>',
    '<!--',
    '-->',
    '<?x?>',
    ']]>',
  ],
  ...[
    '<![CDATA[',
    '<![CDATA[0]]>',
    '<!DOCTYPE out>',
    '<!ENTITY a "0">',
    '&#48;',
    '&amp;',
    '&a;',
    '&#0;',
    ' a="b"',
    '<a:b/>',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '\\u0000',
    '\\ud800',
    'null',
    'true',
    'false',
    '"true"',
    '1e999',
    '-0',
    '00',
    '0x0',
  ],
  ...[
    '"success":true,',
    '"success":false,',
    '"processes_killed":[],',
    '"job_id":null,',
    '"status":"FAIL",',
    '"__proto__":{},',
  ],
  ...['9007199254740993', '9223372036854775808', '99999999999999999999', '1.0', '1E3', 'NaN', '//', '/*', 'ÿ', '💥'],
];

const share = fc.double({ min: 0, max: 1, noNaN: true });
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind'][]>('cut', 'drop', 'double', 'swap', 'flip', 'put', 'replace', 'flood', 'splice'),
  from: share,
  to: share,
  byte: fc.nat(255),
  piece: fc.constantFrom(...pieces),
});

export const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

const flood = 4096;
const largest = 200_000;

/** The bytes after these changes. `other` is what is spliced in. */
export function edited(bytes: Buffer, changes: readonly Edit[], other: Buffer): Buffer {
  return changes.reduce((now, { kind, from, to, byte, piece }) => {
    const [begin, end] = [from, to].map((part) => Math.floor(part * now.length)).toSorted((a, b) => a - b) as [
      number,
      number,
    ];
    const [left, middle, right] = [now.subarray(0, begin), now.subarray(begin, end), now.subarray(end)];
    switch (kind) {
      case 'cut':
        return left;
      case 'drop':
        return Buffer.concat([left, right]);
      case 'double':
        return Buffer.concat([left, middle, middle, right]);
      case 'swap':
        return Buffer.concat([right, middle, left]);
      case 'flip':
        return Buffer.concat([left, Buffer.from([(now[begin] ?? 0) ^ (1 << (byte & 7))]), now.subarray(begin + 1)]);
      case 'put':
        return Buffer.concat([left, Buffer.from(piece), now.subarray(begin)]);
      case 'replace':
        return Buffer.concat([left, byte < 64 ? Buffer.from([byte * 4]) : Buffer.from(piece), right]);
      case 'flood':
        return Buffer.concat([
          left,
          Buffer.from(piece.repeat(flood)).subarray(0, Math.max(0, largest - now.length)),
          right,
        ]);
      case 'splice':
        return Buffer.concat([left, other.subarray(Math.floor(to * other.length))]);
    }
  }, bytes);
}
