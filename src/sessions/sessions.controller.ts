import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OperationDto } from '../operations/operations.dto.js';
import { Asked, type Ask } from '../platform/auth/ask.js';
import { AnswersOperation } from '../platform/docs/answers.js';
import { FlushBody, TuneBody } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Flush one or many targets in one call. Flush ends sessions, it never deletes data (it is not FLUSHALL). */
  @Post('flush')
  @HttpCode(200)
  @AnswersOperation(OperationDto, 'unsupported-filter')
  flushSessions(@Asked() ask: Ask, @Body() body: FlushBody): Promise<OperationDto> {
    return this.sessions.flush(ask, body);
  }

  /** Set the parameters of a 1010data session. It is taken over, never ended; if there was none, one is started, and the settings end with it. */
  @Post('tune')
  @HttpCode(200)
  @AnswersOperation(OperationDto)
  tuneSession(@Asked() ask: Ask, @Body() body: TuneBody): Promise<OperationDto> {
    return this.sessions.tune(ask, body);
  }
}
