import type { Arrived } from '../exchange.ts';
import { Refused } from './answer.ts';
import type { Settings } from './platform.ts';
import { readXml } from './xml.ts';
import type { SentElement } from './xml.ts';

const onOff = /^(on|off)$/;
const allowed: ReadonlyMap<string, RegExp> = new Map([
  ['inf2na', onOff],
  ['stepwise', onOff],
  ['blocking', /^(\d|10)$/],
]);

function valueOf({ name, elements, text, hasAttributes }: SentElement): string {
  const values = allowed.get(name);
  if (!values || elements.length > 0) throw new Refused(10, `Bad element contents: ${name}`);
  if (hasAttributes) throw new Refused(12, `Bad attribute name: ${name}`);
  if (!values.test(text)) throw new Refused(9, `Bad value: ${name}`);
  return text;
}

/** The XML of the `session` call: malformed is rc 2, missing 8, a bad value 9, what does not belong there 10 or 12. */
export function readSettings({ body }: Arrived): Settings {
  const text = body.toString('utf8');
  if (text === '') throw new Refused(8, 'Missing element: in');
  const root = readXml(text);
  if (!root) throw new Refused(2);
  if (root.name !== 'in') throw new Refused(8, 'Missing element: in');
  if (root.hasAttributes) throw new Refused(12, 'Bad attribute name: in');
  if (root.text !== '') throw new Refused(10, 'Bad element contents: in');
  const settings: Record<string, string> = {};
  for (const element of root.elements) {
    if (Object.hasOwn(settings, element.name)) throw new Refused(10, `Duplicate element: ${element.name}`);
    settings[element.name] = valueOf(element);
  }
  if (settings['inf2na'] === undefined) throw new Refused(8, 'Missing element: inf2na');
  return settings;
}
