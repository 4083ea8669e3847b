import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { Answers, AnswersAcknowledgement, AnswersRunning, TakesPrefer } from '../platform/docs/answers.js';
import { operationIdShape } from '../platform/http/shapes.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { AcknowledgeBody } from './acknowledge.dto.js';
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

  /**
   * Says what came of an operation that is `unknown`, as you found it out: the alert about it ends. Nothing is sent, its state
   * stays, and the first word counts. It takes operator of all its targets that are unknown; of any other operation nothing is kept.
   */
  @ApiOperation({ summary: 'Acknowledge an operation whose outcome is unknown' })
  @ApiParam({ name: 'id', description: 'Its id.', schema: operationIdShape })
  @Post(':id/acknowledge')
  @HttpCode(200)
  @AnswersAcknowledgement(OperationDto)
  async acknowledgeOperation(
    @Asked() ask: Ask,
    @Param('id') id: string,
    @Query() query: NoQuery,
    @Body() body: AcknowledgeBody,
  ): Promise<OperationDto> {
    refuseInvalid(query);
    refuseInvalid(body);
    return this.operations.acknowledge(ask, id, body.reason);
  }
}
