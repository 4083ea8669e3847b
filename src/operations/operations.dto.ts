import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  operationKinds,
  operationStates,
  type Acknowledgement,
  type Cancellation,
  type Operation,
  type OperationKind,
  type OperationState,
} from '../core/model/operation.js';
import { maxTargets } from '../core/model/request.js';
import type { Mode } from '../core/model/target.js';
import { operationIdShape, remark, requestIdShape } from '../platform/http/shapes.js';
import { ProblemDto } from '../platform/http/problem.dto.js';
import { ApprovalDto } from './approvals.dto.js';
import { CountsDto, TargetOutcomeDto } from './outcome.dto.js';
import { ForeseenCallDto, ForeseenDto, PlanDto, ProtectedDto } from './preview.dto.js';

/** Who cancelled an operation, when and why. */
@ApiSchema({ name: 'Cancellation', description: 'Who wanted no more of an operation to be sent.' })
export class CancellationDto implements Cancellation {
  /** When it was asked for. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:00:04.000Z' })
  at!: string;
  /** The caller who asked for it. */
  @ApiProperty({ example: 'ops' })
  requestedBy!: string;
  /** Why, in that caller's words. */
  @ApiProperty({ ...remark, nullable: true, example: 'the wrong target' })
  reason!: string | null;
}

/** Who acknowledged an unknown operation, when and why. */
@ApiSchema({ name: 'Acknowledgement', description: 'Who found out what came of an operation that was unknown.' })
export class AcknowledgementDto implements Acknowledgement {
  /** When it was told. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:10:00.000Z' })
  at!: string;
  /** The caller who told it. */
  @ApiProperty({ example: 'ops' })
  requestedBy!: string;
  /** What came of it, in that caller's words. */
  @ApiProperty({ ...remark, example: 'gone from the list of threads' })
  reason!: string;
}

/** An operation as it stands. */
@ApiSchema({
  name: 'Operation',
  description: 'The record of one mutating call: who, why, what was asked, and what came of it on every target.',
})
export class OperationDto implements Operation {
  /** Give it to `GET /operations/{id}`. */
  @ApiProperty({ ...operationIdShape, example: 'op_0mi8t2k1q3b7c9d2e4f60718a' })
  id!: string;
  /** Which call it was. */
  @ApiProperty({ enum: operationKinds, example: 'sessions.flush' })
  kind!: OperationKind;
  /** The mode of a flush, null otherwise. */
  @ApiProperty({ type: String, enum: ['graceful', 'forced'], nullable: true, example: 'graceful' })
  mode!: Mode | null;
  /**
   * `planned`: a dry run. `awaitingApproval`: somebody else must approve it. `rejected`, `expired`: nobody did, and
   * nothing was sent. `running`. `succeeded`. `partial`: something was done, and something was not. `failed`:
   * nothing was done. `unknown`: it was sent, but the outcome is unknown.
   */
  @ApiProperty({ enum: operationStates, example: 'succeeded' })
  state!: OperationState;
  /** True: nothing was sent that changes anything. */
  @ApiProperty({ example: false })
  dryRun!: boolean;
  /** The caller: the name of its API key, or `<iss>#<sub>` of its token. */
  @ApiProperty({ example: 'billing-app' })
  requestedBy!: string;
  /** What the token of the caller calls it, where the configuration says which claim tells it. Absent otherwise. */
  @ApiProperty({ type: String, required: false, example: 'sue@example.com' })
  requestedByName?: string;
  /** True: an emergency, carried out as if it had been approved. Absent otherwise. */
  @ApiProperty({ type: Boolean, enum: [true], required: false, example: true })
  breakGlass?: true;
  /** The human behind an app, in the caller's word. */
  @ApiProperty({ ...remark, nullable: true, example: 'sue' })
  onBehalfOf!: string | null;
  /** Why, in the caller's words. */
  @ApiProperty({ ...remark, nullable: true, example: 'nightly reload' })
  reason!: string | null;
  /** The id of the request that asked for it: it finds the request in the logs. */
  @ApiProperty({ ...requestIdShape, example: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11' })
  requestId!: string;
  /** When it was asked for. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:00:00.000Z' })
  createdAt!: string;
  /** When the last target was done; null while it runs. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.041Z' })
  endedAt!: string | null;
  /** The processes of all targets, counted. */
  counts!: CountsDto;
  /** What came of it on every target, in the order of the call. */
  @ApiProperty({ type: [TargetOutcomeDto], maxItems: maxTargets })
  targets!: readonly TargetOutcomeDto[];
  /** Who stopped it, and why; absent if it was not stopped. */
  @ApiProperty({ type: () => CancellationDto, required: false })
  cancelled?: CancellationDto;
  /** Who found out what came of it, and what; absent if it is not known. */
  @ApiProperty({ type: () => AcknowledgementDto, required: false })
  acknowledged?: AcknowledgementDto;
  /** Since when it waits for somebody's approval, and what was said; absent unless it had to be approved. */
  @ApiProperty({ type: () => ApprovalDto, required: false })
  approval?: ApprovalDto;
  /** True in the answer to a repeated request, absent otherwise: an earlier one began the operation. */
  @ApiProperty({ type: Boolean, enum: [true], required: false, example: true })
  replayed?: true;
  /** Only in a dry run: everything that the real call would try to end. */
  @ApiProperty({ type: [ForeseenDto], required: false })
  victims?: readonly ForeseenDto[];
  /** Only in a dry run: what fits, and is left alone because it is protected, at most 1000. */
  @ApiProperty({ type: [ProtectedDto], maxItems: 1000, required: false })
  protected?: readonly ProtectedDto[];
  /** Only in a dry run: the vendors' calls that the real call would make, target by target. */
  @ApiProperty({ type: [ForeseenCallDto], required: false })
  calls?: readonly ForeseenCallDto[];
  /** Only in a dry run: whom the call is about, in words. */
  @ApiProperty({ required: false, example: 'user is app_*; idle for at least 600 s, on orders' })
  filterText?: string;
  /** Only in a dry run: why the real call would be refused now; null if it would not. */
  @ApiProperty({ type: () => ProblemDto, nullable: true, required: false, example: null })
  refusal?: ProblemDto | null;
  /** Only in a dry run: ends exactly these victims; null where they cannot be fixed. */
  @ApiProperty({ type: () => PlanDto, nullable: true, required: false })
  plan?: PlanDto | null;
  /** Only in a dry run: why there is no plan; null if there is one. */
  @ApiProperty({ type: String, nullable: true, required: false, example: null })
  planNote?: string | null;
}
