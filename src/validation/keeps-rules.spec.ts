import 'reflect-metadata';
import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  validateSync,
  ValidateNested,
} from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KillBody } from '../processes/kill.dto.js';
import { FlushBody } from '../sessions/sessions.dto.js';
import { keepsRules } from './keeps-rules.js';
import { FilterValues, Optional, Remark } from './rules.js';

class Inner {
  @IsString()
  name!: string;

  @Optional()
  @IsBoolean()
  flag?: boolean;
}

class Outer {
  @IsInt()
  @Min(1)
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
  @IsString({ each: true })
  @Length(1, 4, { each: true })
  @ArrayUnique()
  words?: string[];

  @Optional()
  @IsIn(['graceful', 'forced'])
  mode?: string;

  @Optional()
  @Matches(/^\d+$/, { each: true })
  digits?: string | string[];

  @Optional()
  @Remark()
  reason?: string;
}

class Filter {
  @Optional()
  @FilterValues()
  user?: string[];
}

const member = fc.oneof(
  fc.constantFrom('a', 'graceful', 'forced', '1', '', 1, 5, 10, 1.5, true, null, undefined, 'bi-pool', 'idle'),
  fc.constantFrom([], {}, ['a'], ['a', 'a'], ['1', 2], [{ name: 'a' }], [{ name: 1 }], [null], { name: 'a' }),
  fc.constantFrom({ name: 'a', flag: 1 }, { name: 'a', other: 1 }, [[]], [{ name: 'a', flag: true }], { user: ['a'] }),
);

/** An input that is right, and the same with members that are changed, left out or added: right and wrong alike. */
function inputFrom(right: object): fc.Arbitrary<object> {
  const names = fc.constantFrom(...Object.keys(right), 'surprise');
  return fc.dictionary(names, member, { maxKeys: 2 }).map((changed) => ({ ...right, ...changed }));
}

const outer = { count: 5, inner: { name: 'a' }, list: [{ name: 'b' }], words: ['a'], mode: 'forced', digits: ['1'] };
const flush = { targets: ['bi-pool'], mode: 'graceful', reason: 'night', node: 'primary', dryRun: true };

describe('the rules of a class', () => {
  it.each([
    [Outer, outer],
    [Filter, { user: ['a'] }],
    [FlushBody, flush],
    [KillBody, { target: 'orders', node: 'primary', ids: ['1', '2'], reason: 'night' }],
  ] as const)('are kept where class-validator finds nothing: %p', (Class: new () => object, right) => {
    const found = { kept: 0, broken: 0 };
    fc.assert(
      fc.property(inputFrom(right), (input) => {
        const object = plainToInstance(Class, input, { exposeUnsetFields: false });
        const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
        const kept = validateSync(object, options).length === 0;
        found[kept ? 'kept' : 'broken'] += 1;
        expect(keepsRules(object)).toBe(kept);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(found.kept, found.broken)).toBeGreaterThan(100);
  });
});
