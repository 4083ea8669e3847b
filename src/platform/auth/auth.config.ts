import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { roles, type Role } from '../../core/model/caller.js';
import { Optional } from '../../validation/rules.js';
import { SafeUrl } from '../../validation/safe-url.js';
import { ClaimGrantConfig, GrantConfig } from './grant.config.js';

const timeMessage = { message: 'must be a time such as 2027-03-31T00:00:00Z' };

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

  /**
   * The claim that tells what people are called, such as `email` or `preferred_username`: it stands beside
   * `<iss>#<sub>` in `/me`, in operations and in the audit log. It grants nothing.
   */
  @Optional()
  @IsString()
  @Length(1, 100)
  nameClaim?: string;

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
