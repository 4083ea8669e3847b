import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Asked, type Ask } from '../platform/auth/ask.js';
import { Answers } from '../platform/docs/answers.js';
import { TargetDto, TargetListDto } from './targets.dto.js';
import { TargetsService } from './targets.service.js';

@ApiTags('targets')
@Controller('targets')
export class TargetsController {
  constructor(private readonly targets: TargetsService) {}

  /** The targets that you may see: what they are, what they can do, and what of that you may ask for. */
  @Get()
  @Answers(TargetListDto)
  listTargets(@Asked() ask: Ask): TargetListDto {
    return { items: this.targets.list(ask) };
  }

  /** One target. */
  @Get(':name')
  @Answers(TargetDto, 'unknown-target')
  getTarget(@Asked() ask: Ask, @Param('name') name: string): TargetDto {
    return this.targets.get(ask, name);
  }
}
