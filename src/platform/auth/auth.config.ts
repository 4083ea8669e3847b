import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { roles, type Role } from '../../core/model/caller.js';
import { Optional } from '../../validation/rules.js';
import { SafeUrl } from '../../validation/safe-url.js';

const timeMessage = { message: 'must be a time such as 2027-03-31T00:00:00Z' };
const targetGlob = /^[A-Za-z0-9._*-]{1,63}$/;
const globMessage = { each: true, message: 'each must be a target name, * standing for any run of characters' };

/** A role on the targets that match. */
export class GrantConfig {
  @IsIn(roles)
  role!: Role;

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

/**
 * A key, known by its SHA-256 only. Several may share a name, so that one can be replaced while the other still works.
 */
export class ApiKeyConfig {
  @IsString()
  @Matches(/^[\x21-\x7e]{1,100}$/, { message: 'must be 1 to 100 visible ASCII characters' })
  name!: string;

  /** The SHA-256 of the key, in hexadecimal. */
  @IsString()
  @Matches(/^[0-9a-fA-F]{64}$/, { message: 'must be 64 hexadecimal digits' })
  sha256!: string;

  /** When the key stops working (RFC 3339, with its zone). */
  @Optional()
  @IsISO8601({ strict: true }, timeMessage)
  @Matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/, timeMessage)
  expiresAt?: string;

  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => GrantConfig)
  grants!: GrantConfig[];
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

/** The algorithms that tokens may be signed by. */
export const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** An issuer of tokens (RFC 8725). */
export class JwtConfig {
  /** Exactly as tokens say it in `iss`. */
  @IsString()
  @Length(1, 500)
  issuer!: string;

  @IsString()
  @Length(1, 200)
  audience!: string;

  /** Where its public keys are. */
  @SafeUrl()
  jwksUrl!: string;

  /** Default RS256, ES256, EdDSA. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(signatureAlgorithms, { each: true })
  algorithms?: string[];

  /** What `typ` of a token must be, such as `at+jwt`: a token of another use is refused. Default: any. */
  @Optional()
  @Matches(/^[A-Za-z0-9.+/-]{1,100}$/, { message: 'must be a media type such as at+jwt' })
  typ?: string;

  /**
   * Seconds by which the clock of the issuer may be ahead of ours, or behind, in `exp`, `nbf` and `iat`. Default 30.
   */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(300)
  leewaySeconds?: number;

  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => ClaimGrantConfig)
  grants!: ClaimGrantConfig[];
}

/** Who may call. */
export class AuthConfig {
  @Optional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ApiKeyConfig)
  apiKeys?: ApiKeyConfig[];

  @Optional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => JwtConfig)
  jwt?: JwtConfig[];

  /**
   * The role of callers without credentials; only while Sluice listens on loopback, and only for a `Host` that names
   * loopback: a page of another origin in a browser is refused.
   */
  @Optional()
  @IsIn(roles)
  anonymous?: Role;
}
