import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { LookedTarget } from '../core/look/look.js';
import { maxTargets } from '../core/model/request.js';
import { protections, type Process, type Protection } from '../core/model/process.js';
import { ProcessFactsDto } from '../operations/process-facts.dto.js';
import { countShape, pageTokenShape, targetName } from '../platform/http/shapes.js';
import { ProblemDto } from '../platform/http/problem.dto.js';

/** A process, as callers see it. */
@ApiSchema({ name: 'Process', description: 'One server-side connection. What the backend cannot tell is null.' })
export class ProcessDto extends ProcessFactsDto implements Process {
  /** Name of its target. */
  @ApiProperty({ ...targetName, example: 'orders' })
  target!: string;
  /** The backend of that target. */
  @ApiProperty({ example: 'taurusdb' })
  backend!: string;
  /** What it waits for, in the vendor's words. */
  @ApiProperty({ type: String, nullable: true, example: null })
  waitEvent!: string | null;
  /** Who keeps it waiting: ids on the same node, none if none does. Null where the vendor does not tell. */
  @ApiProperty({ type: [String], nullable: true, example: null })
  blockedBy!: readonly string[] | null;
  /** The text of its statement, at most 200 characters; only for grants with `statements`. */
  @ApiProperty({ type: String, maxLength: 200, nullable: true, example: null })
  statement!: string | null;
  /** Marked to end when it is released. */
  @ApiProperty({ type: Boolean, nullable: true, example: null })
  draining!: boolean | null;
  /**
   * Why it cannot be ended through Sluice: the vendor needs it, it copies data, or the configuration says so. Null if
   * one may.
   */
  @ApiProperty({ type: String, enum: protections, nullable: true, example: null })
  protected!: Protection | null;
}

/** How looking at one target went. */
@ApiSchema({ name: 'LookedTarget', description: 'What one target contributed to a look.' })
export class LookedTargetDto implements LookedTarget {
  /** Name of the target. */
  @ApiProperty({ ...targetName, example: 'orders' })
  target!: string;
  /** `failed` if any of its nodes could not be seen; `skipped` if it cannot judge what was asked. */
  @ApiProperty({ enum: ['ok', 'failed', 'skipped'], example: 'ok' })
  status!: 'ok' | 'failed' | 'skipped';
  /** Why it was skipped; absent of any other. */
  @ApiProperty({ required: false })
  why?: string;
  /** Processes that match; null if nothing could be seen. */
  @ApiProperty({ ...countShape, nullable: true, example: 1 })
  matched!: number | null;
  /** Processes that are connected; null if nothing could be seen. */
  @ApiProperty({ ...countShape, nullable: true, example: 46 })
  connected!: number | null;
  /** False where a list was cut, rows of it could not be read or may have been missed, or nodes were left alone. */
  @ApiProperty({ example: true })
  complete!: boolean;
  /** Nodes that the configuration does not name, and that were left alone; absent if there are none. */
  @ApiProperty({ type: [String], required: false })
  nodesUnseen?: readonly string[];
  /** When the vendor told it; null if nothing could be seen. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.000Z' })
  collectedAt!: string | null;
  /** Why it failed; absent if it did not. */
  @ApiProperty({ type: () => ProblemDto, required: false })
  problem?: ProblemDto;
}

/** A page of processes. */
@ApiSchema({ name: 'Look', description: 'The processes of the targets, merged.' })
export class LookDto {
  /** The processes that match, as many as `limit` allows. */
  @ApiProperty({ type: [ProcessDto], maxItems: 10_000 })
  items!: readonly ProcessDto[];
  /** What each target contributed, in the order of the call. */
  @ApiProperty({ type: [LookedTargetDto], maxItems: maxTargets })
  targets!: readonly LookedTargetDto[];
  /** Give it as `pageToken` for the next page; null if this was the last. */
  @ApiProperty({ ...pageTokenShape, nullable: true, example: null })
  nextPageToken!: string | null;
}
