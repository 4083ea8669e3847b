import { ApiProperty, ApiSchema, OmitType } from '@nestjs/swagger';
import { maxTargets } from '../core/model/request.js';
import { OperationDto } from './operations.dto.js';
import { TargetOutcomeDto } from './outcome.dto.js';

/** What became of an operation on one target, without its processes and calls. */
@ApiSchema({
  name: 'TargetSummary',
  description: 'What came of the operation on one target, without its items and calls: the record has them.',
})
export class TargetSummaryDto extends OmitType(TargetOutcomeDto, ['items', 'itemsOmitted', 'calls'] as const) {}

/** An operation in a list: without processes and calls. */
@ApiSchema({ name: 'OperationSummary', description: 'An operation as a list shows it: its record has more.' })
export class OperationSummaryDto extends OmitType(OperationDto, [
  ...(['targets', 'replayed', 'victims', 'protected', 'calls'] as const),
  ...(['filterText', 'refusal', 'plan', 'planNote'] as const),
] as const) {
  /** What came of it on every target, in the order of the call. */
  @ApiProperty({ type: [TargetSummaryDto], maxItems: maxTargets })
  targets!: readonly TargetSummaryDto[];
}
