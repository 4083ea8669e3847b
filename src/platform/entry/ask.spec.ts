import { expect, it } from '@jest/globals';
import { preferenceOf } from './ask.js';

it.each<[string | string[] | undefined, number]>([
  [undefined, 10],
  ['', 10],
  ['wait=0', 0],
  ['wait=3', 3],
  ['wait=45', 45],
  ['wait=46', 45],
  ['wait=999999999', 45],
  ['wait = 3', 3],
  ['wait="3"', 3],
  ['Wait=3; foo=bar', 3],
  ['handling=lenient, wait=3', 3],
  [['handling=lenient', 'wait=3'], 3],
  ['wait=3, wait=4', 3],
  ['respond-async', 0],
  ['Respond-Async; x=y', 0],
  ['wait=3, respond-async', 0],
  ['respond-async, wait=3', 0],
  ['wait', 10],
  ['wait=', 10],
  ['wait=-1', 10],
  ['wait=1.5', 10],
  ['wait=1e1', 10],
  ['wait=1234567890', 45],
  ['wait=99999999999', 45],
  [`wait=${'9'.repeat(1000)}`, 45],
  ['wait=soon', 10],
  ['await=3', 10],
  ['respond-asynchronously', 10],
  ['x="wait=3"', 10],
])('Prefer: %j waits %i seconds', (prefer, seconds) => {
  const isAsync = /(?:^|, *)respond-async(?:$|[,;])/i.test(String(prefer));
  expect(preferenceOf(prefer)).toEqual({ waitMs: seconds * 1000, isAsync });
});
