import { Type } from 'class-transformer';
import {
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
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { actions, roles, type Action, type Role } from '../../core/model/caller.js';
import { Optional } from '../../validation/rules.js';

const targetGlob = /^[A-Za-z0-9._*-]{1,63}$/;
const globMessage = { each: true, message: 'each must be a target name, * standing for any run of characters' };

/** What narrows the caps of the targets for this caller. */
export class GrantCapsConfig {
  /** The most processes that one kill by filter may end on a target. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  maxProcesses?: number;

  /** The most processes that the caller may end on a target in any minute. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  killsPerMinute?: number;
}

/** What is allowed on the targets that match: a role, actions, or both together. */
export class GrantConfig {
  /**
   * A name for a set of actions. `viewer`: look. `operator`: look, kill, flush, flush:forced, tune. `admin`: all.
   * Required where there are no `actions`.
   */
  @Optional()
  @IsIn(roles)
  role?: Role;

  /** What is allowed, action by action. `audit` reads all operations of the targets. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(actions, { each: true })
  actions?: Action[];

  /** True: may approve what others ask for; the same as the action `approve`. */
  @Optional()
  @IsBoolean()
  approve?: boolean;

  /** True: may do without an approval in an emergency, by `breakGlass: true` and a reason. */
  @Optional()
  @IsBoolean()
  breakGlass?: boolean;

  /** Narrow the caps of the targets. Of several grants on a target the narrowest count. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => GrantCapsConfig)
  caps?: GrantCapsConfig;

  /** Names of targets; `*` stands for any run of characters. */
  @IsArray()
  @ArrayMinSize(1)
  @Matches(targetGlob, globMessage)
  targets!: string[];

  /** May the caller read statements? They can hold personal data. */
  @Optional()
  @IsBoolean()
  statements?: boolean;
}

/** A grant for those whose token says so. */
export class ClaimGrantConfig extends GrantConfig {
  /**
   * The claim that is looked at, which holds a string or a list of them: by its name, or by the names that lead to it,
   * as `realm_access.roles` or, where a name holds a dot, as a list of names.
   */
  @ValidateBy({
    name: 'claim',
    validator: { validate: isClaim, defaultMessage: () => 'must be the name of a claim, or a list of up to 8 names' },
  })
  claim!: string | string[];

  /** What it must hold. */
  @IsString()
  @Length(1, 200)
  value!: string;
}

function isClaim(value: unknown): boolean {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isName = (name: unknown): boolean => typeof name === 'string' && name.length >= 1 && name.length <= 100;
  return names.length >= 1 && names.length <= 8 && names.every(isName);
}
