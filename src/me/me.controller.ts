import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers } from '../platform/docs/answers.js';
import { Asked, type Ask } from '../platform/entry/ask.js';
import { NoQuery, refuseInvalid } from '../validation/input.js';
import { MeDto } from './me.dto.js';

/** `/me`: who the caller is. */
@ApiTags('me')
@Controller('me')
export class MeController {
  /** Who you are to Sluice, until when, and what is granted to you by the credential that you sent. */
  @ApiOperation({ summary: 'Show who you are' })
  @Get()
  @Answers(MeDto)
  getMe(@Asked() { caller }: Ask, @Query() query: NoQuery): MeDto {
    refuseInvalid(query);
    const { name, displayName, credential, expiresAt, grants } = caller;
    return {
      name,
      ...(displayName === undefined ? {} : { displayName }),
      credential,
      expiresAt: timeOf(expiresAt),
      grants: grants.map(({ written, targets, statements }) => ({ ...written, targets, statements })),
    };
  }
}

/** RFC 3339 has no later time: a token may state one. */
const latestTime = Date.parse('9999-12-31T23:59:59.999Z');

function timeOf(milliseconds: number): string | null {
  return milliseconds > latestTime ? null : new Date(milliseconds).toISOString();
}
