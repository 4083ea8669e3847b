import { ApiProperty, ApiSchema, OmitType } from '@nestjs/swagger';
import { maxTargets } from '../core/model/request.js';
import { failureKinds, type FailureKind } from '../core/model/failure.js';
import { operationStates, type OperationState } from '../core/model/operation.js';
import { refusedKinds, type RefusedKind } from '../core/record/refused-calls.js';
import { countShape } from '../platform/http/shapes.js';
import { OperationDto } from './operations.dto.js';
import { TargetOutcomeDto } from './outcome.dto.js';

/** What became of an operation on one target, without its processes and calls. */
@ApiSchema({
  name: 'TargetSummary',
  description: 'What came of the operation on one target, without its items and calls: the record has them.',
})
export class TargetSummaryDto extends OmitType(TargetOutcomeDto, ['items', 'itemsOmitted', 'calls'] as const) {}

/** Why a call was refused. */
@ApiSchema({ name: 'Refusal', description: 'Why a call was refused.' })
export class RefusalDto {
  /** The code of the problem. */
  @ApiProperty({ enum: failureKinds, example: 'forbidden' })
  code!: FailureKind;
  /** What this kind of problem is. */
  @ApiProperty({ example: 'The role held is not enough' })
  title!: string;
  /** The status of the answer. */
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 400, maximum: 599, example: 403 })
  status!: number;
  /** What was wrong with this one; absent where it may tell of targets that you do not see. */
  @ApiProperty({ required: false, maxLength: 500 })
  detail?: string;
}

/** An operation in a list: without processes and calls. */
@ApiSchema({ name: 'OperationSummary', description: 'An operation as a list shows it: its record has more.' })
export class OperationSummaryDto extends OmitType(OperationDto, [
  ...(['id', 'kind', 'state', 'targets', 'replayed', 'victims', 'protected', 'calls'] as const),
  ...(['filterText', 'refusal', 'plan', 'planNote'] as const),
] as const) {
  /** Give it to `GET /operations/{id}`. A refused call has one that nothing is under. */
  @ApiProperty({
    type: 'string',
    pattern: '^(?:op|refused)_[0-9a-z]{25}$',
    maxLength: 33,
    example: 'op_0mi8t2k1q3b7c9d2e4f60718a',
  })
  id!: string;
  /** Which call it was; of refused calls also those about operations and freezes. */
  @ApiProperty({ enum: refusedKinds, example: 'sessions.flush' })
  kind!: RefusedKind;
  /** As in the record; `refused` where it became no operation. */
  @ApiProperty({ enum: [...operationStates, 'refused'], example: 'succeeded' })
  state!: OperationState | 'refused';
  /** Only of a refused call: why. */
  @ApiProperty({ type: () => RefusalDto, required: false })
  problem?: RefusalDto;
  /** Only of a refused call: how often the like of it came within a minute. This was the first. */
  @ApiProperty({ ...countShape, required: false, example: 1 })
  times?: number;
  /** Only of a refused call: when the last of those came. */
  @ApiProperty({ type: String, format: 'date-time', required: false, example: '2026-11-21T03:00:00.000Z' })
  lastAt?: string;
  /** What came of it on every target, in the order of the call. */
  @ApiProperty({ type: [TargetSummaryDto], maxItems: maxTargets })
  targets!: readonly TargetSummaryDto[];
}
