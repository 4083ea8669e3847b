import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res, type StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Asked, type Ask } from '../platform/entry/ask.js';
import {
  Answers,
  AnswersList,
  AnswersAcknowledgement,
  AnswersChange,
  AnswersRunning,
  TakesPrefer,
} from '../platform/docs/answers.js';
import { listFormatOf } from '../platform/http/list-format.js';
import { listed } from '../platform/http/listed.js';
import { operationIdShape } from '../platform/http/shapes.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { AcknowledgeBody } from './acknowledge.dto.js';
import { OperationListDto, OperationListQuery } from './operation-list.dto.js';
import { CancelBody } from './cancel.dto.js';
import { ItemListDto, ItemListQuery } from './items.dto.js';
import { ListService } from './list.service.js';
import { ItemsService } from './items.service.js';
import { OperationDto } from './operations.dto.js';
import { OperationsService } from './operations.service.js';

/** `/operations`: what was asked for, and how it stands. */
@ApiTags('operations')
@Controller('operations')
export class OperationsController {
  constructor(
    private readonly operations: OperationsService,
    private readonly items: ItemsService,
    private readonly lists: ListService,
  ) {}

  /**
   * What was done, newest first. Dry runs are left out. You see what you asked for, and what was done to targets that
   * you operate.
   *
   * `Accept: application/x-ndjson` or `text/csv`: each a line, all of them up to `limit`, streamed. A download that
   * breaks off is not whole.
   */
  @ApiOperation({ summary: 'List operations' })
  @Get()
  @AnswersList(OperationListDto, 'invalid-request', 'store-unavailable')
  async listOperations(
    @Asked() ask: Ask,
    @Query() query: OperationListQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationListDto | StreamableFile> {
    const format = listFormatOf(accept);
    if (format === 'json') return this.lists.list(ask, query);
    return listed(reply, await this.lists.download(ask, query, format), format, 'operations');
  }

  /**
   * The record of one mutating call, once it ended, or as it stands when you wait no longer: `Prefer: wait=0` answers
   * at once.
   */
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
   * Says what came of an operation that is `unknown`, as you found it out: the alert about it ends. Nothing is sent,
   * its state stays, and the first word counts. It takes operator of all its targets that are unknown; of any other
   * operation nothing is kept.
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

  /** All processes that an operation is about, target by target: the record shows the first thousand. */
  @ApiOperation({ summary: 'List the items of an operation' })
  @ApiParam({ name: 'id', description: 'The id of the operation.', schema: operationIdShape })
  @Get(':id/items')
  @Answers(ItemListDto, 'not-found', 'store-unavailable')
  listItems(@Asked() ask: Ask, @Param('id') id: string, @Query() query: ItemListQuery): Promise<ItemListDto> {
    return this.items.list(ask, id, query);
  }

  /**
   * Sends nothing more of an operation: once this is answered, nothing more is. What was not sent is `skipped`, why
   * `cancelled`; what was sent is reported as it is. For its caller, and for operators of all its targets.
   */
  @ApiOperation({ summary: 'Cancel an operation' })
  @ApiParam({ name: 'id', description: 'The id of the operation.', schema: operationIdShape })
  @TakesPrefer()
  @Post(':id/cancel')
  @HttpCode(200)
  @AnswersChange(200, OperationDto, 'not-found', 'forbidden', 'operation-over')
  cancelOperation(
    @Asked() ask: Ask,
    @Param('id') id: string,
    @Query() query: NoQuery,
    @Body() body: CancelBody,
  ): Promise<OperationDto> {
    refuseInvalid(query);
    return this.operations.cancel(ask, id, body);
  }
}
