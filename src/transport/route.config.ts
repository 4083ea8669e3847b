import { Type } from 'class-transformer';
import { IsObject, IsString, Length, Matches, ValidateNested } from 'class-validator';
import { Optional } from '../validation/rules.js';
import { SecretReference } from './secret.config.js';

/**
 * A proxy that every call of a connection goes through, by CONNECT. The proxy of the environment (HTTP_PROXY and its
 * like) is never used.
 */
export class ProxyConfig {
  /**
   * Its address, without path and credentials. Plain http: is taken, since the tunnel carries TLS; with a password only
   * on loopback.
   */
  @IsString()
  url!: string;

  /** The name that the proxy knows Sluice by, where it asks for one. */
  @Optional()
  @IsString()
  @Length(1, 256)
  @Matches(/^[^:\p{Cc}]+$/u, { message: 'must hold neither colons nor control characters' })
  user?: string;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  password?: SecretReference;
}
