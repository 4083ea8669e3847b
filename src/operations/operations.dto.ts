import { ApiProperty } from '@nestjs/swagger';
import {
  operationKinds,
  operationStates,
  type Counts,
  type Item,
  type ItemOutcome,
  type Operation,
  type OperationKind,
  type OperationState,
  type TargetOutcome,
} from '../core/operation.js';
import { processStates, type ProcessState } from '../core/process.js';
import type { CallRecord, Effect, Mode } from '../core/target.js';
import { ProblemDto } from '../platform/problem/problem.dto.js';

const itemOutcomes = [
  'ended',
  'notFound',
  'skipped',
  'failed',
  'unknown',
  'wouldEnd',
] as const satisfies readonly ItemOutcome[];

/** How many processes came to which end. Null where the vendor gives no count and no listing can tell. */
export class CountsDto implements Counts {
  /** Connections that were ended. */
  @ApiProperty({ type: 'integer', nullable: true, example: 2 })
  ended!: number | null;
  /** Connections that are marked, and end when they are released. */
  @ApiProperty({ type: 'integer', nullable: true, example: 3 })
  deferred!: number | null;
  /** Ids that the vendor did not find. */
  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  notFound!: number | null;
  /** Processes that were left alone. */
  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  skipped!: number | null;
  /** Processes that were surely not ended, though it was tried. */
  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  failed!: number | null;
  /** Processes of which nobody can say what became. */
  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  unknown!: number | null;
  /** In a dry run: processes that the same call would try to end. */
  @ApiProperty({ type: 'integer', nullable: true, example: 0 })
  wouldEnd!: number | null;
}

/** One process that the operation is about, as seen just before. */
export class ItemDto implements Item {
  /** The backend's own id of the process, always a string. */
  @ApiProperty({ example: '2075425' })
  id!: string;
  /** The node that it lives on; null if it was seen on none. */
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'app_orders' })
  user!: string | null;
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
  /** What became of it. `notFound` is the vendor's word: the wanted state holds. */
  @ApiProperty({ enum: itemOutcomes, example: 'ended' })
  outcome!: ItemOutcome;
  /** Why it was skipped, failed or is unknown: noMatch, notListed, internal, notSent, notConfirmed. */
  @ApiProperty({ required: false, example: 'noMatch' })
  why?: string;
}

/** What the vendor said to one mutating call. */
export class CallRecordDto implements CallRecord {
  @ApiProperty({ type: String, nullable: true, example: null })
  node!: string | null;
  /** The vendor's name for the call. */
  @ApiProperty({ example: 'flushpool' })
  call!: string;
  /** The vendor's code. */
  @ApiProperty({ type: String, nullable: true, example: '0' })
  code!: string | null;
  /** The vendor's words, cut to 500 characters. */
  @ApiProperty({ type: String, nullable: true, example: 'OK' })
  message!: string | null;
  /** The vendor's id of the request. */
  @ApiProperty({ type: String, nullable: true, example: null })
  requestId!: string | null;
  /** The vendor's id of the job that the call became. */
  @ApiProperty({ type: String, nullable: true, example: null })
  jobId!: string | null;
}

/** What came of the operation on one target. Targets that you may not see have an empty name. */
export class TargetOutcomeDto implements TargetOutcome {
  @ApiProperty({ example: 'bi-pool' })
  target!: string;
  @ApiProperty({ example: '1010data' })
  backend!: string;
  @ApiProperty({ enum: operationStates, example: 'succeeded' })
  state!: OperationState;
  /** What happened to the target's processes. `deferred`: marked, they end on release. */
  @ApiProperty({ enum: ['ended', 'deferred', 'set', 'none'], example: 'deferred' })
  effect!: Effect;
  /** Milliseconds from the first look to the last answer; null while it runs. */
  @ApiProperty({ type: 'integer', nullable: true, example: 41 })
  durationMs!: number | null;
  counts!: CountsDto;
  /** At most 1000. */
  @ApiProperty({ type: [ItemDto] })
  items!: readonly ItemDto[];
  /** How many items are not shown. */
  @ApiProperty({ type: 'integer', example: 0 })
  itemsOmitted!: number;
  @ApiProperty({ type: [CallRecordDto] })
  calls!: readonly CallRecordDto[];
  /** What the call cannot promise. */
  @ApiProperty({ type: String, nullable: true, example: 'Busy ids log out when their application releases them.' })
  note!: string | null;
  @ApiProperty({ type: () => ProblemDto, nullable: true, example: null })
  problem!: ProblemDto | null;
  /** All that was asked of this target is done, and nothing is deferred. */
  @ApiProperty({ example: false })
  completed!: boolean;
}

/** The record of one mutating call: who, why, what was asked, and what came of it on every target. */
export class OperationDto implements Operation {
  @ApiProperty({ example: 'op_0mi8t2k1q3b7c9d2e4f60718a' })
  id!: string;
  @ApiProperty({ enum: operationKinds, example: 'sessions.flush' })
  kind!: OperationKind;
  /** The mode of a flush, null otherwise. */
  @ApiProperty({ type: String, enum: ['graceful', 'forced'], nullable: true, example: 'graceful' })
  mode!: Mode | null;
  @ApiProperty({ enum: operationStates, example: 'partial' })
  state!: OperationState;
  @ApiProperty({ example: false })
  dryRun!: boolean;
  /** The caller: the name of its API key, or `<iss>#<sub>` of its token. */
  @ApiProperty({ example: 'billing-app' })
  requestedBy!: string;
  /** The human behind an app, in the caller's word. */
  @ApiProperty({ type: String, nullable: true, example: 'sue' })
  onBehalfOf!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'nightly reload' })
  reason!: string | null;
  @ApiProperty({ example: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11' })
  requestId!: string;
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:00:00.000Z' })
  createdAt!: string;
  /** Null while it runs. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.041Z' })
  endedAt!: string | null;
  counts!: CountsDto;
  @ApiProperty({ type: [TargetOutcomeDto] })
  targets!: readonly TargetOutcomeDto[];
}
