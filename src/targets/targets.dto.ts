import { ApiProperty } from '@nestjs/swagger';
import { abilities, type Ability, type Labels } from '../core/target.js';
import type { TargetHealth } from '../platform/telemetry/health-board.js';

/** How a target did when it was last asked something. */
export class TargetHealthDto implements TargetHealth {
  @ApiProperty({ enum: ['ok', 'failing', 'unknown'], example: 'ok' })
  state!: 'ok' | 'failing' | 'unknown';
  /** Null if it was not asked anything since Sluice started. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.000Z' })
  checkedAt!: string | null;
  /** The kind of its failure. */
  @ApiProperty({ type: String, nullable: true, example: null })
  code!: string | null;
}

/** One named thing that can be looked at, flushed, tuned or have its processes killed. */
export class TargetDto {
  @ApiProperty({ example: 'orders' })
  name!: string;
  @ApiProperty({ example: 'taurusdb' })
  backend!: string;
  @ApiProperty({ type: String, nullable: true, example: 'The shop’s orders' })
  description!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { env: 'prod' } })
  labels!: Labels;
  /** Names of its nodes; null where they are found by asking the vendor; empty where it has none. */
  @ApiProperty({ type: [String], nullable: true, example: ['primary'] })
  nodes!: readonly string[] | null;
  /** What it can do. */
  @ApiProperty({ enum: abilities, isArray: true, example: ['look', 'flush', 'kill'] })
  abilities!: readonly Ability[];
  /** What of that you may ask for. */
  @ApiProperty({ enum: abilities, isArray: true, example: ['look'] })
  may!: readonly Ability[];
  health!: TargetHealthDto;
}

export class TargetListDto {
  @ApiProperty({ type: [TargetDto] })
  items!: TargetDto[];
}
