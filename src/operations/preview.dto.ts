import { ApiProperty, ApiSchema, IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';
import type { Foreseen, ForeseenCall } from '../core/model/operation.js';
import { protections, type Protection } from '../core/model/process.js';
import { countShape, planIdShape } from '../platform/http/shapes.js';
import { ProcessFactsDto } from './process-facts.dto.js';

/** A process that a call would end. */
@ApiSchema({
  name: 'ForeseenProcess',
  description: 'A process that a dry run tells of: the first 100 in full, of any other its target, node and id.',
})
export class ForeseenDto
  extends IntersectionType(
    PickType(ProcessFactsDto, ['id', 'node']),
    PartialType(OmitType(ProcessFactsDto, ['id', 'node'])),
  )
  implements Foreseen
{
  /** Name of its target. */
  @ApiProperty({ example: 'orders' })
  target!: string;
}

/** A process that a call would leave alone because it is protected. */
@ApiSchema({ name: 'ProtectedProcess', description: 'A process that fits, and is left alone because it is protected.' })
export class ProtectedDto extends ForeseenDto {
  /** `vendor`: the vendor needs it. `replication`: it copies data. `configured`: the configuration protects it. */
  @ApiProperty({ enum: protections, example: 'replication' })
  why!: Protection;
}

/** A call that would go to a vendor. */
@ApiSchema({ name: 'ForeseenCall', description: 'A call to a vendor that the real call would make.' })
export class ForeseenCallDto implements ForeseenCall {
  /** Name of its target. */
  @ApiProperty({ example: 'orders' })
  target!: string;
  /** The node that it is about; null for the whole target. */
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  /** The vendor's name for it. */
  @ApiProperty({ example: 'delete-processes' })
  call!: string;
  /** Its HTTP method. */
  @ApiProperty({ example: 'DELETE' })
  method!: string;
  /** Its path, with the parameters by their names. */
  @ApiProperty({ example: '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes' })
  path!: string;
  /** How many ids it carries; null where the vendor chooses. */
  @ApiProperty({ ...countShape, nullable: true, example: 20 })
  ids!: number | null;
}

/** A plan: what a dry run fixed. */
@ApiSchema({
  name: 'Plan',
  description: 'Ends exactly the victims that a dry run told, once, for the caller who made it.',
})
export class PlanDto {
  /** Give it as `plan` to the real call. */
  @ApiProperty({ ...planIdShape, example: 'plan_0mi8t2k1q3b7c9d2e4f60718a' })
  id!: string;
  /** Until when it can be used. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:02:00.000Z' })
  expiresAt!: string;
}
