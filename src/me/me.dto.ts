import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { credentialKinds, roles, type CredentialKind, type Role } from '../core/model/caller.js';

/** A role on some targets. */
@ApiSchema({ name: 'Grant', description: 'A role on some targets.' })
export class GrantDto {
  /** Each role includes the ones before it. */
  @ApiProperty({ enum: roles, example: 'operator' })
  role!: Role;
  /** Names of targets, as the configuration writes them; `*` stands for any run of characters. */
  @ApiProperty({ type: [String], example: ['orders', 'bi-*'] })
  targets!: readonly string[];
  /** May you read the text of statements on them? */
  @ApiProperty({ example: false })
  statements!: boolean;
}

/** Who the caller is, and what it may do. */
@ApiSchema({ name: 'Me', description: 'A caller, as Sluice knows it.' })
export class MeDto {
  /** As operations record it in `requestedBy`: the name of the key, `<iss>#<sub>` of a token, or `anonymous`. */
  @ApiProperty({ example: 'billing-app' })
  name!: string;
  /** The kind of credential that you sent; `anonymous` if none. */
  @ApiProperty({ enum: credentialKinds, example: 'apiKey' })
  credential!: CredentialKind;
  /** When it stops working; null if never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2027-03-31T00:00:00.000Z' })
  expiresAt!: string | null;
  /** What is granted by this credential. Empty: nothing. */
  @ApiProperty({ type: [GrantDto] })
  grants!: GrantDto[];
}
