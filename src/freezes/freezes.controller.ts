import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Answers, AnswersChange, TakesKey } from '../platform/docs/answers.js';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { FreezeBody, FreezeDto, FreezeListDto } from './freezes.dto.js';
import { FreezesService } from './freezes.service.js';

/** `/freezes`: keeps targets from being changed for a while. */
@ApiTags('freezes')
@Controller('freezes')
export class FreezesController {
  constructor(private readonly freezes: FreezesService) {}

  /**
   * Nothing may be changed on these targets for a while, on any replica: as if they were read-only. What runs sends
   * nothing more. It ends by itself. For admins.
   */
  @ApiOperation({ summary: 'Freeze targets' })
  @TakesKey('The same request under the same key is answered with the freeze that it began, while that holds.')
  @Post()
  @HttpCode(201)
  @AnswersChange(201, FreezeDto, 'unknown-target', 'forbidden', 'idempotency-key-reused')
  freezeTargets(@Asked() ask: Ask, @Query() query: NoQuery, @Body() body: FreezeBody): Promise<FreezeDto> {
    refuseInvalid(query);
    return this.freezes.begin(ask, body);
  }

  /** The freezes that hold now, oldest first. */
  @ApiOperation({ summary: 'List freezes' })
  @Get()
  @Answers(FreezeListDto, 'store-unavailable')
  listFreezes(@Asked() ask: Ask, @Query() query: NoQuery): Promise<FreezeListDto> {
    refuseInvalid(query);
    return this.freezes.list(ask);
  }

  /** Ends a freeze before its time. For admins of all its targets. */
  @ApiOperation({ summary: 'End a freeze' })
  @ApiParam({ name: 'id', description: 'The id of the freeze.', schema: { type: 'string', maxLength: 64 } })
  @Delete(':id')
  @HttpCode(204)
  @AnswersChange(204, null, 'not-found', 'forbidden')
  async endFreeze(@Asked() ask: Ask, @Param('id') id: string, @Query() query: NoQuery): Promise<void> {
    refuseInvalid(query);
    await this.freezes.end(ask, id);
  }
}
