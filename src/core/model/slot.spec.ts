import { describe, expect, it } from '@jest/globals';
import { Slot } from './slot.js';

describe('a slot', () => {
  it('holds something for each object, apart from any other slot', () => {
    const [names, ages] = [new Slot<string>(), new Slot<number>()];
    const [one, other] = [{}, {}];
    names.set(one, 'ann');
    ages.set(one, 30);
    names.set(one, 'anna');
    expect([names.get(one), ages.get(one), names.get(other), ages.get(other)]).toEqual([
      'anna',
      30,
      undefined,
      undefined,
    ]);
  });

  it('shows neither in a copy nor in a comparison nor in JSON', () => {
    const slot = new Slot<string>();
    const owner = { is: 'owner' };
    slot.set(owner, 'secret');
    expect(slot.get({ ...owner })).toBeUndefined();
    expect(owner).toStrictEqual({ is: 'owner' });
    expect(JSON.stringify(owner)).toBe('{"is":"owner"}');
    expect(slot.get(structuredClone(owner))).toBeUndefined();
  });
});
