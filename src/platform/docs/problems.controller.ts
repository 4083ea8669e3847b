import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Failure, failureKinds } from '../../core/failure.js';
import { problemAddress, problemTypes } from '../../core/problem.js';
import { Public } from '../auth/ask.js';
import { problemDescriptions } from './problem-descriptions.js';

/** Describes every type of problem at its address. */
@ApiExcludeController()
@Public()
@Controller('problems')
export class ProblemsController {
  @Get()
  list(): { items: object[] } {
    return { items: failureKinds.map(describe) };
  }

  @Get(':code')
  get(@Param('code') code: string): object {
    const kind = failureKinds.find((one) => one === code);
    if (!kind) throw new Failure('not-found', 'There is no such type of problem.');
    return describe(kind);
  }
}

function describe(kind: (typeof failureKinds)[number]): object {
  return { type: problemAddress(kind), code: kind, ...problemTypes[kind], description: problemDescriptions[kind] };
}
