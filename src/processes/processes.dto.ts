import { ApiProperty } from '@nestjs/swagger';
import type { LookedTarget } from '../core/look.js';
import { processStates, type Process, type ProcessState } from '../core/process.js';
import { ProblemDto } from '../platform/problem/problem.dto.js';

/** One server-side connection. What the backend cannot tell is null. */
export class ProcessDto implements Process {
  /** GaussDB session id, TaurusDB thread id, DCS peer, or uid of a pool's member: always a string. */
  @ApiProperty({ example: '2075425' })
  id!: string;
  @ApiProperty({ example: 'orders' })
  target!: string;
  @ApiProperty({ example: 'taurusdb' })
  backend!: string;
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'app_orders' })
  user!: string | null;
  /** Where it is connected from, with its port if told. */
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7:51324' })
  client!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'orders' })
  database!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  application!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Sleep' })
  command!: string | null;
  @ApiProperty({ type: String, enum: processStates, nullable: true, example: 'idle' })
  state!: ProcessState | null;
  /** Seconds without a statement; null while it is busy. */
  @ApiProperty({ type: 'integer', nullable: true, example: 640 })
  idleSeconds!: number | null;
  /** Seconds in the present statement; null while it is idle. */
  @ApiProperty({ type: 'integer', nullable: true, example: null })
  busySeconds!: number | null;
  /** Seconds since it connected. */
  @ApiProperty({ type: 'integer', nullable: true, example: null })
  ageSeconds!: number | null;
  /** The text of its statement, at most 200 characters; only for grants with `statements`. */
  @ApiProperty({ type: String, nullable: true, example: null })
  statement!: string | null;
  /** Marked to end when it is released. */
  @ApiProperty({ type: Boolean, nullable: true, example: null })
  draining!: boolean | null;
}

/** What one target contributed to a look. */
export class LookedTargetDto implements LookedTarget {
  @ApiProperty({ example: 'orders' })
  target!: string;
  /** `failed` if any of its nodes could not be seen. */
  @ApiProperty({ enum: ['ok', 'failed'], example: 'ok' })
  status!: 'ok' | 'failed';
  /** Processes that match; null if nothing could be seen. */
  @ApiProperty({ type: 'integer', nullable: true, example: 3 })
  matched!: number | null;
  /** Processes that are connected; null if nothing could be seen. */
  @ApiProperty({ type: 'integer', nullable: true, example: 46 })
  connected!: number | null;
  /** False where the vendor cut its list. */
  @ApiProperty({ example: true })
  complete!: boolean;
  /** When the vendor told it; null if nothing could be seen. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.000Z' })
  collectedAt!: string | null;
  @ApiProperty({ type: () => ProblemDto, required: false })
  problem?: ProblemDto;
}

/** The processes of the targets, merged. */
export class LookDto {
  @ApiProperty({ type: [ProcessDto] })
  items!: readonly ProcessDto[];
  @ApiProperty({ type: [LookedTargetDto] })
  targets!: readonly LookedTargetDto[];
  /** Give it as `pageToken` for the next page; null if this was the last. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextPageToken!: string | null;
}
