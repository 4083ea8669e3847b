import { Body, Controller, Delete, Get, Headers, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OperationDto } from '../operations/operations.dto.js';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { AnswersLook, AnswersOperation } from '../platform/docs/answers.js';
import { listFormatOf } from '../platform/http/list-format.js';
import { listed } from '../platform/http/listed.js';
import { KillBody, KillQuery } from './kill.dto.js';
import { LookDto } from './processes.dto.js';
import { ProcessesService } from './processes.service.js';
import { LookQuery } from './selection.dto.js';

/** `/processes`: looks, and kills. */
@ApiTags('processes')
@Controller('processes')
export class ProcessesController {
  constructor(private readonly processes: ProcessesService) {}

  /**
   * Look at the processes of one or several targets, merged. One dead target does not hide the others.
   *
   * `Accept: application/x-ndjson` or `text/csv`: each a line, at most 10,000 of one look. `Sluice-Completed: false`
   * says that more fit, or that a target could not be seen.
   */
  @ApiOperation({ summary: 'Look at processes' })
  @Get()
  @AnswersLook(LookDto)
  async listProcesses(
    @Asked() ask: Ask,
    @Query() query: LookQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LookDto | StreamableFile> {
    const format = listFormatOf(accept);
    if (format === 'json') return this.processes.look(ask, query);
    return listed(reply, await this.processes.download(ask, query, format), format, 'processes');
  }

  /**
   * The same selection as look: what you see is what you kill. It takes ids, or a filter that can leave something out;
   * "no filter" never means "everything". Kill ends the connection, not just its statement, and the client may
   * reconnect at once.
   */
  @ApiOperation({ summary: 'Kill processes' })
  @Delete()
  @AnswersOperation(
    OperationDto,
    'selection-required',
    'ambiguous-process',
    'unsupported-filter',
    'too-many-processes',
    'protected',
    'kill-budget-exhausted',
    'plan-gone',
  )
  killProcesses(@Asked() ask: Ask, @Query() query: KillQuery, @Body() body: KillBody): Promise<OperationDto> {
    return this.processes.kill(ask, query, body);
  }
}
