import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { AnswersChange, AnswersOperation } from '../platform/docs/answers.js';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { operationIdShape } from '../platform/http/shapes.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { DecideBody } from './approvals.dto.js';
import { ApprovalsService } from './approvals.service.js';
import { OperationDto } from './operations.dto.js';

/** `/operations/{id}/approve` and `/reject`: what somebody else says of an operation that waits. */
@ApiTags('operations')
@Controller('operations')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  /**
   * Carries out an operation that waits: only whom it named when it was asked for, and who is still the same session.
   * It takes somebody else than who asked, with the action `approve` on all its targets.
   */
  @ApiOperation({ summary: 'Approve an operation' })
  @ApiParam({ name: 'id', description: 'The id of the operation.', schema: operationIdShape })
  @Post(':id/approve')
  @HttpCode(200)
  @AnswersOperation(OperationDto, 'not-found', 'operation-over', 'flush-in-progress')
  approveOperation(
    @Asked() ask: Ask,
    @Param('id') id: string,
    @Query() query: NoQuery,
    @Body() body: DecideBody,
  ): Promise<OperationDto> {
    refuseInvalid(query);
    return this.approvals.approve(ask, id, body);
  }

  /** Says no to an operation that waits: nothing of it is sent. It takes who may approve it. */
  @ApiOperation({ summary: 'Reject an operation' })
  @ApiParam({ name: 'id', description: 'The id of the operation.', schema: operationIdShape })
  @Post(':id/reject')
  @HttpCode(200)
  @AnswersChange(200, OperationDto, 'not-found', 'forbidden', 'operation-over')
  rejectOperation(
    @Asked() ask: Ask,
    @Param('id') id: string,
    @Query() query: NoQuery,
    @Body() body: DecideBody,
  ): Promise<OperationDto> {
    refuseInvalid(query);
    return this.approvals.reject(ask, id, body);
  }
}
