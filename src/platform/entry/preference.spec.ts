import { expect, it } from '@jest/globals';
import { preferenceOf } from './preference.js';

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
  expect(preferenceOf(prefer)).toMatchObject({ waitMs: seconds * 1000, isAsync });
});

it.each<[string | string[] | undefined, boolean, string | null]>([
  [undefined, false, null],
  ['wait=30; until=completed', true, 'wait=30, until=completed'],
  ['wait=30;until=completed', true, 'wait=30, until=completed'],
  ['WAIT=30 ; UNTIL = "Completed"', true, 'wait=30, until=completed'],
  ['handling=lenient, wait=99; x; until=completed', true, 'wait=45, until=completed'],
  [['until=completed', 'wait=3'], true, 'wait=3, until=completed'],
  ['until=completed', true, 'until=completed'],
  ['wait=3; until=closed', false, 'wait=3'],
  ['wait=3; until=closed; until=completed', false, 'wait=3'],
  ['wait=3; until', false, 'wait=3'],
  ['wait=3; x="; until=completed"', false, 'wait=3'],
  ['wait=3; x="\\", until=completed"', false, 'wait=3'],
  ['handling=lenient; until=completed', false, null],
  ['handling=lenient; until=completed, wait=3', false, 'wait=3'],
  ['wait=soon; until=completed', true, 'until=completed'],
  ['wait=3; until=completed, respond-async', false, 'respond-async'],
  ['return=minimal', false, null],
])('Prefer: %j waits until it is completed: %j, and is told as %j', (prefer, untilCompleted, understood) => {
  expect(preferenceOf(prefer)).toMatchObject({ untilCompleted, understood });
});

it('is read in no time, whatever stands in it', () => {
  const since = performance.now();
  preferenceOf('"' + '\\"'.repeat(500_000));
  preferenceOf(`wait${' '.repeat(500_000)}x`);
  expect(performance.now() - since).toBeLessThan(1000);
});
