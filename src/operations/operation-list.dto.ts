import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Length } from 'class-validator';
import { operationKinds, operationStates, type OperationKind, type OperationState } from '../core/operation.js';
import { Draft } from '../validation/draft.js';
import { Once, Optional, QueryNumber } from '../validation/rules.js';
import { OperationDto } from './operations.dto.js';

/** Operations, newest first. */
export class OperationListDto {
  @ApiProperty({ type: [OperationDto] })
  items!: OperationDto[];
  /** Give it as `pageToken` for the next page; null if this was the last. */
  @ApiProperty({ type: String, nullable: true, example: null })
  nextPageToken!: string | null;
}

/** Which operations to list. */
export class OperationListQuery extends Draft {
  /** Only those that named this target. */
  @Optional()
  @Once()
  @Length(1, 256)
  target?: string;
  @Optional()
  @Once()
  @IsIn(operationKinds)
  kind?: OperationKind;
  @Optional()
  @Once()
  @IsIn(operationStates)
  state?: OperationState;
  /** Only those of this caller. */
  @Optional()
  @Once()
  @Length(1, 256)
  requestedBy?: string;
  /** 1 to 1000, default 100. */
  @Optional()
  @QueryNumber()
  limit?: string;
  @Optional()
  @Once()
  @Length(1, 256)
  pageToken?: string;
}
