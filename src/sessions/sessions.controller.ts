import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { OperationDto } from '../operations/operations.dto.js';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { AnswersOperation, AnswersUndivided } from '../platform/docs/answers.js';
import { NoQuery } from '../validation/input.js';
import { FlushBody, TuneBody } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

/** `/sessions`: flush and tune. */
@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * Flush one or many targets in one call. Flush ends sessions, it never deletes data (it is not FLUSHALL).
   *
   * `graceful`, the default, never ends a process seen executing something; `forced` ends everything. What cannot be
   * promised is said in each target's `note`.
   */
  @ApiOperation({ summary: 'Flush targets' })
  @Post('flush')
  @HttpCode(200)
  @AnswersOperation(OperationDto, 'unsupported-filter', 'flush-in-progress', 'plan-gone')
  flushSessions(@Asked() ask: Ask, @Query() query: NoQuery, @Body() body: FlushBody): Promise<OperationDto> {
    return this.sessions.flush(ask, query, body);
  }

  /**
   * Set the parameters of a 1010data session. It is taken over, never ended; if there was none, one is started, and the
   * settings end with it.
   */
  @ApiOperation({ summary: 'Tune a 1010data session' })
  @Post('tune')
  @HttpCode(200)
  @AnswersUndivided(OperationDto)
  tuneSession(@Asked() ask: Ask, @Query() query: NoQuery, @Body() body: TuneBody): Promise<OperationDto> {
    return this.sessions.tune(ask, query, body);
  }
}
