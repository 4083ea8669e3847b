import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { Answers, AnswersRunning, TakesPrefer } from '../platform/docs/answers.js';
import { operationIdShape } from '../platform/http/shapes.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { OperationListDto, OperationListQuery } from './operation-list.dto.js';
import { OperationDto } from './operations.dto.js';
import { OperationsService } from './operations.service.js';

@ApiTags('operations')
@Controller('operations')
export class OperationsController {
  constructor(private readonly operations: OperationsService) {}

  /** What was done, newest first. Dry runs are left out. You see what you asked for, and what was done to targets that you operate. */
  @ApiOperation({ summary: 'List operations' })
  @Get()
  @Answers(OperationListDto, 'invalid-request', 'store-unavailable')
  listOperations(@Asked() ask: Ask, @Query() query: OperationListQuery): Promise<OperationListDto> {
    return this.operations.list(ask, query);
  }

  /** The record of one mutating call, once it ended, or as it stands when you wait no longer: `Prefer: wait=0` answers at once. */
  @ApiOperation({ summary: 'Show an operation, waiting for its end' })
  @ApiParam({
    name: 'id',
    description: 'Its id, from the answer of the call or from the list of operations.',
    schema: operationIdShape,
  })
  @TakesPrefer()
  @Get(':id')
  @AnswersRunning(OperationDto, 'not-found', 'store-unavailable')
  async getOperation(@Asked() ask: Ask, @Param('id') id: string, @Query() query: NoQuery): Promise<OperationDto> {
    refuseInvalid(query);
    return this.operations.read(ask, id);
  }
}
