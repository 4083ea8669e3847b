import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn, Length, Matches } from 'class-validator';
import { operationStates, type OperationState } from '../core/model/operation.js';
import { refusedKinds, type RefusedKind } from '../core/record/refused-calls.js';
import { pageTokenShape, requestIdShape, word } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { Once, Optional, QueryBoolean, QueryNumber, QueryTime } from '../validation/rules.js';
import { OperationSummaryDto } from './summary.dto.js';

/** A page of operations. */
@ApiSchema({ name: 'OperationList', description: 'Operations, newest first.' })
export class OperationListDto {
  /** As many as `limit` allows. */
  @ApiProperty({ type: [OperationSummaryDto], maxItems: 1000 })
  items!: OperationSummaryDto[];
  /** Give it as `pageToken` for the next page; null if this was the last. */
  @ApiProperty({ ...pageTokenShape, nullable: true, example: null })
  nextPageToken!: string | null;
}

/** Which operations to list. */
export class OperationListQuery extends Input {
  /** Only those that named this target: `orders`. */
  @Optional()
  @ApiProperty({ ...word, required: false })
  @Once()
  @Length(1, 256)
  target?: string;
  /** Only calls of this kind. */
  @Optional()
  @ApiProperty({ enum: refusedKinds, required: false })
  @Once()
  @IsIn(refusedKinds)
  kind?: RefusedKind;
  /** Only those that stand so. */
  @Optional()
  @ApiProperty({ enum: operationStates, required: false })
  @Once()
  @IsIn(operationStates)
  state?: OperationState;
  /** Only those of this caller: `billing-app`. */
  @Optional()
  @ApiProperty({ ...word, required: false })
  @Once()
  @Length(1, 256)
  requestedBy?: string;
  /** Only those on behalf of this person, as their callers said: `sue`. */
  @Optional()
  @ApiProperty({ ...word, required: false })
  @Once()
  @Length(1, 256)
  onBehalfOf?: string;
  /** True: dry runs alone. They are left out otherwise. */
  @Optional()
  @ApiProperty({ type: 'boolean', required: false })
  @QueryBoolean()
  dryRun?: string;
  /** True: calls that were refused before there was an operation, alone. They are left out otherwise. */
  @Optional()
  @ApiProperty({ type: 'boolean', required: false })
  @QueryBoolean()
  refused?: string;
  /** Only those in whose reason this text stands, in any case: that of the call, a cancel or a decision. */
  @Optional()
  @ApiProperty({ ...word, required: false })
  @Once()
  @Length(1, 256)
  text?: string;
  /** Only the one that this request began: its `X-Request-Id`. */
  @Optional()
  @ApiProperty({ ...requestIdShape, required: false })
  @Once()
  @Matches(new RegExp(requestIdShape.pattern), { message: 'must be the id of a request, given once' })
  @Length(1, 128)
  requestId?: string;
  /** Only those that were about this process: its id, `2075425`. */
  @Optional()
  @ApiProperty({ ...word, required: false })
  @Once()
  @Length(1, 256)
  processId?: string;
  /** Only those made at this time or later: `2026-11-21T03:00:00Z`. */
  @Optional()
  @ApiProperty({ type: 'string', format: 'date-time', maxLength: 40, required: false })
  @QueryTime()
  since?: string;
  /** Only those made before this time. */
  @Optional()
  @ApiProperty({ type: 'string', format: 'date-time', maxLength: 40, required: false })
  @QueryTime()
  until?: string;
  /** How many to a page: 1 to 1000, default 100. */
  @Optional()
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 1, maximum: 1000, required: false })
  @QueryNumber()
  limit?: string;
  /** `nextPageToken` of the page before. */
  @Optional()
  @ApiProperty({ ...pageTokenShape, maxLength: 256, required: false })
  @Once()
  @Length(1, 256)
  pageToken?: string;
}
