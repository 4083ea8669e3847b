import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiHeader, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { AnswersStream } from '../platform/docs/answers.js';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { streamed } from '../platform/http/listed.js';
import { operationIdShape } from '../platform/http/shapes.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { FollowService } from './follow.service.js';

/** `/operations/{id}/events`: what happens to an operation, as it happens. */
@ApiTags('operations')
@Controller('operations')
export class FollowController {
  constructor(private readonly following: FollowService) {}

  /**
   * Server-sent events: each has its place as `id`, its kind as `event`, and JSON as `data`; the newest tells how the
   * operation stands. It ends once nothing more is to be expected, or when the replica stops: go on elsewhere with
   * `Last-Event-ID`. A comment comes every 15 seconds where nothing else does. At most 50 a caller.
   */
  @ApiOperation({ summary: 'Follow an operation' })
  @ApiParam({ name: 'id', description: 'The id of the operation.', schema: operationIdShape })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `id` of the last event that was read: only later ones are told.',
    schema: { type: 'string', maxLength: 15, pattern: String.raw`^\d*$` },
  })
  @Get(':id/events')
  @AnswersStream('not-found', 'store-unavailable')
  async followOperation(
    @Asked() ask: Ask,
    @Param('id') id: string,
    @Query() query: NoQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    refuseInvalid(query);
    const stream = await this.following.follow(ask, id, [reply.request.headers['last-event-id']].flat().at(-1));
    return streamed(reply, stream, 'text/event-stream; charset=utf-8');
  }
}
