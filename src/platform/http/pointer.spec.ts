import { expect, it } from '@jest/globals';
import { pointerTo } from './pointer.js';

it.each([
  [[], ''],
  [['a', 0, 'b'], '/a/0/b'],
  [['', 'a/b', 'm~n', '~1'], '//a~1b/m~0n/~01'],
])('%j is at "%s"', (steps, pointer) => {
  expect(pointerTo(steps)).toBe(pointer);
  expect(pointerTo(steps, '/x')).toBe(`/x${pointer}`);
});
