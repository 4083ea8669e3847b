import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { Answers } from '../platform/docs/answers.js';
import { word } from '../platform/http/shapes.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { TargetDto, TargetListDto } from './targets.dto.js';
import { TargetsQuery } from './targets-query.dto.js';
import { TargetsService } from './targets.service.js';

/** `/targets`: what there is to call. */
@ApiTags('targets')
@Controller('targets')
export class TargetsController {
  constructor(private readonly targets: TargetsService) {}

  /** The targets that you may see: what they are, what they can do, and what of that you may ask for. */
  @ApiOperation({ summary: 'List targets' })
  @Get()
  @Answers(TargetListDto, 'unknown-target')
  async listTargets(@Asked() ask: Ask, @Query() query: TargetsQuery): Promise<TargetListDto> {
    refuseInvalid(query);
    return { items: await this.targets.list(ask, query.label ?? []) };
  }

  /** One target: what it is, what it can do, what of that you may ask for, and how it did when it was last asked. */
  @ApiOperation({ summary: 'Show a target' })
  @ApiParam({ name: 'name', description: 'Its name.', schema: word })
  @Get(':name')
  @Answers(TargetDto, 'unknown-target')
  getTarget(@Asked() ask: Ask, @Param('name') name: string, @Query() query: NoQuery): Promise<TargetDto> {
    refuseInvalid(query);
    return this.targets.get(ask, name);
  }
}
