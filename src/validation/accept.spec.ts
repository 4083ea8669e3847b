import 'reflect-metadata';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, IsBoolean, IsInt, IsObject, IsString, Max, ValidateNested } from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import { accept } from './accept.js';
import { Optional } from './rules.js';

class Inner {
  @IsString()
  name!: string;

  @Optional()
  @IsBoolean()
  flag?: boolean;

  get derived(): string {
    return this.name;
  }

  act(): string {
    return this.name;
  }
}

class Outer {
  @IsInt()
  @Max(9)
  count!: number;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;

  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => Inner)
  list?: Inner[];
}

/** What is wrong with an input, as places. */
const places = (input: unknown) => accept(Outer, input).misfits.map(({ path }) => path.join('.'));

describe('accept', () => {
  it('gives an object of the class, whatever is below it too', () => {
    const { value, misfits } = accept(Outer, { count: 1, inner: { name: 'a' }, list: [{ name: 'b', flag: true }] });
    expect(misfits).toEqual([]);
    expect(value).toBeInstanceOf(Outer);
    expect([value.inner?.act(), value.list?.[0]?.derived]).toEqual(['a', 'b']);
  });

  it.each([undefined, null, 1, 'text', true, [], [{ count: 1 }]])('takes nothing but an object: %j', (input) => {
    expect(accept(Outer, input).misfits).toEqual([{ path: [], message: 'must be an object' }]);
  });

  it('leaves out what is wrong, and keeps the rest', () => {
    const { value, misfits } = accept(Outer, { count: 10, inner: { name: 'a' }, surprise: 1 });
    expect(Object.keys(value)).toEqual(['inner']);
    expect(misfits).toEqual(
      expect.arrayContaining([
        { path: ['count'], message: 'must not be greater than 9' },
        { path: ['surprise'], message: 'is not known here' },
      ]),
    );
  });

  it('leaves out the whole of a member that is wrong below', () => {
    const { value, misfits } = accept(Outer, { count: 1, inner: { name: 1, flag: 'x', other: 1 } });
    expect(value).toEqual({ count: 1 });
    expect(misfits.map(({ path }) => path.join('.')).toSorted()).toEqual(['inner.flag', 'inner.name', 'inner.other']);
  });

  it.each<[unknown, string[]]>([
    [{}, ['count']],
    [{ count: null }, ['count']],
    [{ count: '1' }, ['count']],
    [{ count: NaN }, ['count']],
    [{ count: 1n }, ['count']],
    [{ count: 1, inner: null }, ['inner']],
    [{ count: 1, inner: undefined }, []],
    [{ count: 1, inner: [] }, ['inner']],
    [{ count: 1, inner: 'a' }, ['inner']],
    [{ count: 1, inner: { name: 'a', flag: null } }, ['inner.flag']],
    [{ count: 1, list: [] }, ['list']],
    [{ count: 1, list: {} }, ['list']],
    [{ count: 1, list: [{ name: 'a' }, { name: 1 }, null] }, ['list.1.name', 'list.2']],
  ])('tells where %j is wrong', (input, found) => {
    expect(places(input)).toEqual(found);
  });

  it.each(['toString', 'valueOf', 'constructor', 'hasOwnProperty', '__defineGetter__'])(
    'knows no member %s, though every object has it',
    (name) => {
      expect(places({ count: 1, [name]: 1 })).toEqual([name]);
      expect(places({ count: 1, inner: { name: 'a', [name]: 1 } })).toEqual([`inner.${name}`]);
      expect(places({ count: 1, list: [{ name: 'a' }, { name: 'b', [name]: 1 }] })).toEqual([`list.1.${name}`]);
    },
  );

  it('knows no members that are properties or methods of the class', () => {
    expect(places({ count: 1, inner: { name: 'a', derived: 'x', act: 'y' } })).toEqual(['inner.derived', 'inner.act']);
  });

  it('knows no member __proto__', () => {
    expect(places(JSON.parse('{"count":1,"__proto__":{"count":2}}'))).toEqual(['__proto__']);
  });

  it('names no member in its messages but by the path', () => {
    expect(accept(Outer, { count: 'x' }).misfits[0]?.message).toBe('must not be greater than 9');
  });
});
