import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Asked, type Ask } from '../platform/auth/ask.js';
import { Answers } from '../platform/docs/answers.js';
import { OperationListDto, OperationListQuery } from './operation-list.dto.js';
import { OperationDto } from './operations.dto.js';
import { OperationsService } from './operations.service.js';

@ApiTags('operations')
@Controller('operations')
export class OperationsController {
  constructor(private readonly operations: OperationsService) {}

  /** What was done, newest first. Dry runs are left out. You see what you asked for, and what was done to targets that you operate. */
  @Get()
  @Answers(OperationListDto, 'invalid-request')
  listOperations(@Asked() ask: Ask, @Query() query: OperationListQuery): Promise<OperationListDto> {
    return this.operations.list(ask, query);
  }

  /** The record of one mutating call. Waits for its end as `Prefer: wait=N` says (default 10 s, at most 45; 0 answers at once). */
  @Get(':id')
  @Answers(OperationDto, 'not-found')
  getOperation(@Asked() ask: Ask, @Param('id') id: string): Promise<OperationDto> {
    return this.operations.read(ask, id);
  }
}
