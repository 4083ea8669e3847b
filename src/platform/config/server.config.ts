import { isIP } from 'node:net';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
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
import { Optional } from '../../validation/rules.js';

/** A port of its own for health and metrics. */
export class ManagementConfig {
  /** Another than `server.port`; 0 takes a free one. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  port!: number;
}

/** How Sluice stops. */
export class DrainConfig {
  /** Seconds for which it goes on answering after it was told to stop, so that balancers can notice. Default 5. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(300)
  delaySeconds?: number;

  /** Seconds after that for running calls to end; what has not ended then is recorded as unknown. Default 30. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(600)
  timeoutSeconds?: number;
}

const isPath = { message: 'must be the path of a file in PEM' };

/**
 * Callers speak HTTPS on the port of the API: TLS 1.2 or newer. Files that change are used at once by new connections.
 * The port of `management` stays plain HTTP; without it, health and metrics are by HTTPS, too.
 */
export class TlsConfig {
  /** The path of a file with the certificate, and after it those that vouch for it, in PEM. */
  @Matches(/^[^\r\n]{1,4096}$/, isPath)
  cert!: string;

  /** The path of a file with its private key, in PEM, without a passphrase. */
  @Matches(/^[^\r\n]{1,4096}$/, isPath)
  key!: string;
}

/** Addresses, or addresses with the length of their prefix. */
function areRanges(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((one: unknown) => {
      const [, address = '', , length = '0'] = /^([0-9a-fA-F.:]+)(\/(\d{1,3}))?$/.exec(String(one)) ?? [];
      const version = isIP(address);
      return version !== 0 && Number(length) <= (version === 4 ? 32 : 128);
    })
  );
}

/** Where Sluice listens. */
export class ServerConfig {
  /** Default 0.0.0.0. `::` is IPv6 and IPv4, and IPv4 alone where the machine has no IPv6. */
  @Optional()
  @IsString()
  @Length(1, 255)
  host?: string;

  /** Default 8080; 0 takes a free one. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  port?: number;

  /** Put before every path: `/sluice`. Health, metrics and the types of problems are at their plain paths too. */
  @Optional()
  @Matches(/^(?:\/[A-Za-z0-9._~-]+)+$/, { message: 'must be a path such as /sluice, without a slash at its end' })
  basePath?: string;

  /** Swagger UI at /docs. Default true. */
  @Optional()
  @IsBoolean()
  docs?: boolean;

  /** The console for people at /console, which / leads a browser to. Default true. */
  @Optional()
  @IsBoolean()
  console?: boolean;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ManagementConfig)
  management?: ManagementConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => TlsConfig)
  tls?: TlsConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => DrainConfig)
  drain?: DrainConfig;

  /**
   * Seconds for which an idle connection is kept. What stands in front of Sluice must give up its connections sooner: a
   * balancer that keeps them for 600 takes 620 here. Default 72.
   */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(7200)
  keepAliveSeconds?: number;

  /**
   * Proxies in front of Sluice, by address or range (`10.0.0.0/8`): what they tell of a caller's address in
   * `X-Forwarded-For` is believed. Default none.
   */
  @Optional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateBy({
    name: 'ranges',
    validator: { validate: areRanges, defaultMessage: () => 'must be addresses, or ranges such as 10.0.0.0/8' },
  })
  trustedProxies?: string[];
}
