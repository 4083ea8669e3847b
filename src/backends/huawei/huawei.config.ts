import { Type } from 'class-transformer';
import { IsInt, IsObject, IsString, Length, Matches, Max, Min, ValidateNested } from 'class-validator';
import { TrafficConfig } from '../../transport/limits.config.js';
import { SecretReference } from '../../transport/secret.config.js';
import { Optional } from '../../validation/rules.js';
import { SafeUrl } from '../../validation/safe-url.js';
import { projectIdPattern } from './project.js';

/** An IAM user with a password, whose tokens are used. Not a federated user, and without login protection. */
export class IamConfig {
  /** IAM's address, without a path. */
  @SafeUrl('origin')
  url!: string;

  /** The name of the account. */
  @IsString()
  @Length(1, 64)
  domain!: string;

  /** The name of the user. */
  @IsString()
  @Length(1, 64)
  user!: string;

  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  password!: SecretReference;
}

/** An access key, which signs every call. */
export class AccessKeyConfig {
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  accessKey!: SecretReference;

  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  secretKey!: SecretReference;

  /** Only with temporary keys. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  securityToken?: SecretReference;
}

/** How Sluice proves who it is: exactly one of the two. */
export class HuaweiAuthConfig {
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => IamConfig)
  iam?: IamConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => AccessKeyConfig)
  aksk?: AccessKeyConfig;
}

/** Where the services are, without a path. Their host names differ by region, so none is guessed. */
export class EndpointsConfig {
  @Optional()
  @SafeUrl('origin')
  gaussdb?: string;

  @Optional()
  @SafeUrl('origin')
  taurusdb?: string;

  @Optional()
  @SafeUrl('origin')
  dcs?: string;

  @Optional()
  @SafeUrl('origin')
  geminidb?: string;

  /** IAM, which an access key asks for the project of `region`. With a password it is `auth.iam.url`. */
  @Optional()
  @SafeUrl('origin')
  iam?: string;
}

/** The services that a connection may have endpoints of: the names of their backends. */
export type ServiceName = Exclude<keyof EndpointsConfig, 'iam'>;

/** One project of Huawei Cloud, in one region. */
export class HuaweiConnectionConfig extends TrafficConfig {
  @IsString()
  vendor!: 'huawei';

  /** The project's id. Where it is absent, Sluice asks IAM which project `region` has. */
  @Optional()
  @Matches(projectIdPattern, { message: 'must be a project id: 32 letters and digits, or a UUID' })
  projectId?: string;

  /** The region, `ap-southeast-1`, which its project is named after; or the name of a project within a region. */
  @Optional()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { message: 'must be the name of a region, such as ap-southeast-1' })
  region?: string;

  @IsObject()
  @ValidateNested()
  @Type(() => HuaweiAuthConfig)
  auth!: HuaweiAuthConfig;

  @IsObject()
  @ValidateNested()
  @Type(() => EndpointsConfig)
  endpoints!: EndpointsConfig;

  /** Pages of one list that are asked for side by side, once the first has told how many there are. Default 8. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(32)
  pagesAtOnce?: number;
}

/** A node as every service configures it. */
export class NodeConfig {
  /** What callers name it by; its id if absent. */
  @Optional()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    message: 'must be 1 to 63 letters, digits, dots, dashes or underscores',
  })
  name?: string;
}
