import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  actions,
  credentialKinds,
  roles,
  type Action,
  type CredentialKind,
  type GrantCaps,
  type Role,
} from '../core/model/caller.js';
import { countShape } from '../platform/http/shapes.js';

/** What narrows the caps of the targets for a caller. */
@ApiSchema({ name: 'GrantCaps', description: 'What narrows the caps of the targets for a caller.' })
export class GrantCapsDto implements GrantCaps {
  /** The most processes that one kill by filter may end on a target; absent where only the target says so. */
  @ApiProperty({ ...countShape, required: false, example: 10 })
  maxProcesses?: number;
  /** The most processes that the caller may end on a target in any minute. */
  @ApiProperty({ ...countShape, required: false, example: 20 })
  killsPerMinute?: number;
}

/** What is allowed on some targets. */
@ApiSchema({ name: 'Grant', description: 'What is allowed on some targets, as the configuration writes it.' })
export class GrantDto {
  /** Each role includes the ones before it. Absent where there are `actions` alone. */
  @ApiProperty({ enum: roles, required: false, example: 'operator' })
  role?: Role;
  /** What is allowed beside the role. Absent where there is a role alone. */
  @ApiProperty({ enum: actions, isArray: true, required: false, example: ['look', 'kill'] })
  actions?: readonly Action[];
  /** May you approve what others ask for? Absent unless it was written. */
  @ApiProperty({ type: Boolean, required: false, example: true })
  approve?: boolean;
  /** May you do without an approval in an emergency? Absent unless it was written. */
  @ApiProperty({ type: Boolean, required: false, example: true })
  breakGlass?: boolean;
  /** What narrows the caps of the targets for you. Absent unless it was written. */
  @ApiProperty({ type: () => GrantCapsDto, required: false })
  caps?: GrantCapsDto;
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
  /** What your token calls you, where the configuration says which claim tells it. Absent otherwise. */
  @ApiProperty({ type: String, required: false, example: 'sue@example.com' })
  displayName?: string;
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
