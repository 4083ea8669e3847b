import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { abilities, type Ability } from '../core/model/abilities.js';
import { processStates, type ProcessState } from '../core/model/process.js';
import type { Labels } from '../core/model/target.js';
import { failureKinds } from '../core/model/failure.js';
import { countShape, targetName } from '../platform/http/shapes.js';
import type { TargetHealth } from '../platform/telemetry/health-board.js';

/** How the last calls to a target went. */
@ApiSchema({ name: 'TargetHealth', description: 'How a target did when it was last asked something.' })
export class TargetHealthDto implements TargetHealth {
  /** `ok`: it answered. `failing`: it did not. `unknown`: it was not asked yet. */
  @ApiProperty({ enum: ['ok', 'failing', 'unknown'], example: 'ok' })
  state!: 'ok' | 'failing' | 'unknown';
  /** When it was asked; null if it was not since Sluice started. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.000Z' })
  checkedAt!: string | null;
  /** Why it is failing: the code of a problem. Null otherwise. */
  @ApiProperty({ type: String, enum: failureKinds, nullable: true, example: null })
  code!: string | null;
}

/** How much may be ended on a target. */
@ApiSchema({ name: 'TargetLimits', description: 'What kills of a target are judged by.' })
export class TargetLimitsDto {
  /** The most processes that one kill by filter may end. */
  @ApiProperty({ ...countShape, example: 50 })
  maxProcesses!: number;
  /** The most of those connected that one kill by filter may end, judged from 10 connected on. */
  @ApiProperty({ example: 0.5 })
  maxShare!: number;
  /** The most processes that all kills together may end in any minute. */
  @ApiProperty({ ...countShape, example: 200 })
  killsPerMinute!: number;
  /** How many of those are left now; null where the store cannot say. */
  @ApiProperty({ ...countShape, nullable: true, example: 200 })
  killsLeft!: number | null;
}

/** A target that the caller may use. */
@ApiSchema({
  name: 'Target',
  description: 'One named thing that can be looked at, flushed, tuned or have its processes killed.',
})
export class TargetDto {
  /** The name that calls give it. */
  @ApiProperty({ ...targetName, example: 'orders' })
  name!: string;
  /** What kind of thing it is: the backends of docs/api.md, such as `taurusdb`. */
  @ApiProperty({ example: 'taurusdb' })
  backend!: string;
  /** What the configuration says about it. */
  @ApiProperty({ type: String, maxLength: 500, nullable: true, example: 'The shop’s orders' })
  description!: string | null;
  /** Labels from the configuration, by their names. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { env: 'prod' } })
  labels!: Labels;
  /** Names of its nodes; null where they are found by asking the vendor; empty where it has none. */
  @ApiProperty({ type: [String], nullable: true, example: ['primary', 'replica'] })
  nodes!: readonly string[] | null;
  /** What it can do. */
  @ApiProperty({ enum: abilities, isArray: true, example: ['look', 'flush', 'kill'] })
  abilities!: readonly Ability[];
  /** The parameters of a selection that it can judge: any other is an `unsupported-filter`. */
  @ApiProperty({ type: [String], example: ['node', 'id', 'user', 'client', 'state', 'minIdleSeconds'] })
  filters!: readonly string[];
  /** The states that it can tell. */
  @ApiProperty({ enum: processStates, isArray: true, example: ['active', 'idle'] })
  states!: readonly ProcessState[];
  /** What kills are judged by. */
  limits!: TargetLimitsDto;
  /** Nothing may be changed on it, by anybody: it is configured so. */
  @ApiProperty({ example: false })
  readOnly!: boolean;
  /** Until when an admin has frozen it: nothing may be changed on it meanwhile. Null if it is not frozen. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  frozenUntil!: string | null;
  /** What of that you may ask for. */
  @ApiProperty({ enum: abilities, isArray: true, example: ['look', 'flush', 'kill'] })
  may!: readonly Ability[];
  /** How it did when it was last asked something. */
  health!: TargetHealthDto;
}

/** The targets that the caller may use. */
@ApiSchema({ name: 'TargetList', description: 'The targets that you may see.' })
export class TargetListDto {
  /** In the order of the configuration. */
  @ApiProperty({ type: [TargetDto] })
  items!: TargetDto[];
}
