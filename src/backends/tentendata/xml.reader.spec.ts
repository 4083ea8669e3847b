import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { readOut } from './xml.reader.js';

/** Another reader of XML, which lets much pass that is none, and leaves references by number as they are. */
const another = new XMLParser({
  ...{ ignoreAttributes: false, attributeNamePrefix: '@', trimValues: false, ignoreDeclaration: true },
  ...{ parseTagValue: false, parseAttributeValue: false, ignorePiTags: true },
});

const texts = fc.constantFrom('', ' ', '\n  ', 'a', '1 ', '\u00e9', '&lt;0', '&amp;amp;', '&quot;&apos;', 'x\r\ny');
const unread = fc.constantFrom('', '', '<!-- <a>1</a> -->', '<?of x?>', '<![CDATA[<b>&amp;]]>');
const attribute = fc.tuple(fc.constantFrom('uid', 'x:y', 'free'), fc.constantFrom('"1"', "'a&lt;b'", '""', '" a  b "'));
const attributes = fc
  .uniqueArray(attribute, { maxLength: 3, selector: ([name]) => name })
  .map((all) => all.map(([name, value]) => ` ${name}=${value}`).join(''));

const { element } = fc.letrec<{ element: string; inner: string }>((tie) => ({
  element: fc
    .tuple(fc.constantFrom('a', 'rc', 'user', 'ns:c', 'd-e'), attributes, tie('inner'))
    .map(([name, told, inner]) => (inner === '' ? `<${name}${told}/>` : `<${name}${told}>${inner}</${name}>`)),
  inner: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.array(fc.tuple(texts, unread, tie('element')), { maxLength: 4 }).map((parts) => parts.flat().join('')),
  ),
}));
const documents = fc
  .tuple(attributes, fc.array(fc.tuple(texts, element), { maxLength: 4 }), texts)
  .map(([told, parts, last]) => `<out${told}>${parts.flat().join('')}${last}</out>\n`);

describe('a document', () => {
  it('is read as another reader reads it', () => {
    fc.assert(
      fc.property(documents, (text) => {
        const { out } = another.parse(text) as { readonly out: unknown };
        const isEmpty = typeof out === 'string';
        expect(readOut(text)).toEqual(isEmpty ? expect.objectContaining({ is: 'broken' }) : { is: 'out', out });
      }),
      { seed: 19, numRuns: 500 },
    );
  });

  it('tells a character that is written by its number, as XML means it', () => {
    const text = '<out><rc>&#48;</rc><user uid="Jos&#233;&#x20ac;">&#60;1</user></out>';
    expect(readOut(text)).toEqual({ is: 'out', out: { rc: '0', user: { '@uid': 'José€', '#text': '<1' } } });
  });

  it('may use the names that objects have', () => {
    const read = readOut('<out><rc>0</rc><__proto__><rc>5</rc></__proto__><constructor/></out>');
    expect(JSON.stringify(read)).toBe('{"is":"out","out":{"rc":"0","__proto__":{"rc":"5"},"constructor":""}}');
    expect(Object.hasOwn({}, 'rc') || 'rc' in {}).toBe(false);
  });

  it('has at most a hundred levels', () => {
    const nested = (levels: number): string => `<out><rc>0</rc>${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}</out>`;
    expect(readOut(nested(99)).is).toBe('out');
    expect(readOut(nested(100)).is).toBe('broken');
  });
});
