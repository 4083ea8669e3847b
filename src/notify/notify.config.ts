import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { noticeKinds, type NoticeKind } from '../core/model/notice.js';
import { ProxyConfig } from '../transport/route.config.js';
import { SecretReference } from '../transport/secret.config.js';
import { Optional } from '../validation/rules.js';

/** Whom Sluice notifies of what happens. */
export class ReceiverConfig {
  /** Its name, in metrics and in the log. */
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    message: 'must be 1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit',
  })
  name!: string;

  /**
   * Where notifications are sent: an `https:` address without credentials (`http:` only on loopback). Redirects are not
   * followed.
   */
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  url!: SecretReference;

  /**
   * Which events it is notified of. `forced`: a forced flush began. `unknown`: an operation ended with an unknown
   * outcome. `approval`: an approval was asked for, or decided. `breakGlass`: a call ran as an emergency, without an
   * approval. `capRefused`: a cap or a budget refused a kill. `drained`: the drain of a target is over.
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique({ message: 'must not name one twice' })
  @IsIn(noticeKinds, { each: true })
  on!: NoticeKind[];

  /**
   * What notifications are signed by, as Standard Webhooks are: `whsec_` and 24 to 64 bytes in base64. While it is
   * replaced, two of them, each on a line: then both sign.
   */
  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  secret!: SecretReference;

  /** Only of what is about any of these targets: names, `*` standing for any run of characters. Default: of all. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  @Matches(/^[A-Za-z0-9._*-]{1,63}$/, {
    each: true,
    message: 'each must be a target name, * standing for any run of characters',
  })
  targets?: string[];

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProxyConfig)
  proxy?: ProxyConfig;

  /**
   * The path of a PEM file with certificates that are trusted beside the default roots. Read with the configuration.
   */
  @Optional()
  @IsString()
  @Length(1, 4096)
  ca?: string;
}
