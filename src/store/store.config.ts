import { Type } from 'class-transformer';
import { IsInt, IsObject, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { SecretReference } from '../transport/secret.config.js';
import { Optional } from '../validation/rules.js';

/** A file of this machine: for one replica. */
export class SqliteConfig {
  /** Where the file is; its directory is made if absent. Default data/sluice.db. */
  @Optional()
  @IsString()
  @Length(1, 4096)
  path?: string;
}

/** A PostgreSQL server, which several replicas may share. */
export class PostgresConfig {
  /**
   * `postgres://user:password@host:5432/database`; `?sslmode=verify-full` asks for TLS, `&sslrootcert=PATH` names the
   * certificate that is trusted.
   */
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  url!: SecretReference;

  /**
   * The password, where the URL has none: so that only it has to be secret, and it can change alone. Like the URL, a
   * file is read at each new connection.
   */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  password?: SecretReference;
}

/** In memory: gone with the process. For trying things out. */
export class MemoryConfig {
  /**
   * How many operations that are over are kept; those that are not over all are. Default 10000. Fewer if they are
   * large: together no more than 2,048 characters of JSON for each of these. Of those that are not kept any more, the
   * newest 4 keys for each of these still are, so that nothing is done twice.
   */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  kept?: number;
}

/** Where the record of operations is kept: at most one of sqlite, postgres and memory. Without any, it is SQLite. */
export class StoreConfig {
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => SqliteConfig)
  sqlite?: SqliteConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => PostgresConfig)
  postgres?: PostgresConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => MemoryConfig)
  memory?: MemoryConfig;

  /** Days for which operations are kept. Default 90. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(3650)
  retentionDays?: number;

  /**
   * Megabytes (of a million bytes) that operations may take: beyond that the oldest are deleted, whatever their age.
   * Default: no such limit.
   */
  @Optional()
  @IsInt()
  @Min(10)
  @Max(10_000_000)
  maxMegabytes?: number;
}
