import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsString,
  Length,
  Max,
  ValidateNested,
} from 'class-validator';
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

  @Optional()
  @IsArray()
  @ArrayMaxSize(3)
  @IsString({ each: true, message: 'must be a word' })
  @Length(1, 4, { each: true, message: 'must have 1 to 4 characters' })
  @ArrayUnique({ message: 'must hold no word twice' })
  words?: string[];
}

/** What is wrong with an input, as places. */
const places = (input: unknown) => accept(Outer, input).violations.map(({ path }) => path.join('.'));

describe('accept', () => {
  it('gives an object of the class, whatever is below it too', () => {
    const { value, violations } = accept(Outer, { count: 1, inner: { name: 'a' }, list: [{ name: 'b', flag: true }] });
    expect(violations).toEqual([]);
    expect(value).toBeInstanceOf(Outer);
    expect([value.inner?.act(), value.list?.[0]?.derived]).toEqual(['a', 'b']);
  });

  it.each([undefined, null, 1, 'text', true, [], [{ count: 1 }]])('takes nothing but an object: %j', (input) => {
    expect(accept(Outer, input).violations).toEqual([{ path: [], message: 'must be an object' }]);
  });

  it('leaves out what is wrong, and keeps the rest', () => {
    const { value, violations } = accept(Outer, { count: 10, inner: { name: 'a' }, surprise: 1 });
    expect(Object.keys(value)).toEqual(['inner']);
    expect(violations).toEqual(
      expect.arrayContaining([
        { path: ['count'], message: 'must not be greater than 9' },
        {
          ...{ path: ['surprise'], message: 'is not known here', isUnknown: true },
          known: ['count', 'inner', 'list', 'words'],
        },
      ]),
    );
  });

  it('leaves out exactly what is wrong, however deep, and keeps what follows in its place', () => {
    const list = [null, { name: 'b', flag: 'x' }, { name: 'c' }];
    const { value } = accept(Outer, { count: 1, inner: { name: 'a', other: 1 }, list, words: ['a', 5, 'c'] });
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      count: 1,
      inner: { name: 'a' },
      list: [null, { name: 'b' }, { name: 'c' }],
      words: ['a', null, 'c'],
    });
    expect([Object.keys(value.list ?? []), Object.keys(value.words ?? [])]).toEqual([
      ['1', '2'],
      ['0', '2'],
    ]);
  });

  it('tells all that is wrong below a member', () => {
    const { violations } = accept(Outer, { count: 1, inner: { name: 1, flag: 'x', other: 1 } });
    expect(violations.map(({ path }) => path.join('.')).toSorted()).toEqual([
      'inner.flag',
      'inner.name',
      'inner.other',
    ]);
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

  it.each<[object, string[]]>([
    [{}, ['count: is missing']],
    [{ count: null }, ['count: must be an integer number']],
    [{ count: 'x' }, ['count: must be an integer number']],
    [{ count: 10 }, ['count: must not be greater than 9']],
    [{ count: 1, inner: 'x' }, ['inner: must be an object']],
    [{ count: 1, inner: [{}] }, ['inner: must be an object']],
    [{ count: 1, list: 'x' }, ['list: must be a list']],
    [{ count: 1, list: [{}, 7] }, ['list.0.name: is missing', 'list.1: must be an object']],
    [{ count: 1, words: 'abcde' }, ['words: must be a list']],
    [
      { count: 1, words: ['a', 5, 'abcde', '', 'a'] },
      [
        'words: must contain no more than 3 elements',
        'words.1: must be a word',
        'words.2: must have 1 to 4 characters',
        'words.3: must have 1 to 4 characters',
      ],
    ],
    [{ count: 1, words: ['a', 'a', 5] }, ['words: must hold no word twice', 'words.2: must be a word']],
  ])('says of %j what its first rule says, once for each place', (input, told) => {
    expect(accept(Outer, input).violations.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(told);
  });

  it('tells what the member is declared to be where something else altogether stands', () => {
    const [violation] = accept(Outer, { count: 1, inner: 'x' }).violations;
    expect(violation?.declared).toBe(Inner);
    expect(accept(Outer, { count: 'x' }).violations).toEqual([
      { path: ['count'], message: 'must be an integer number' },
    ]);
  });
});
