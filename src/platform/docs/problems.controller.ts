import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Failure, failureKinds } from '../../core/failure.js';
import { problemAddress, problemTypes } from '../../core/problem.js';
import { Public } from '../auth/ask.js';
import { problemDescriptions } from './problem-descriptions.js';
import { problemPage, problemsPage, wantsHtml } from './problem-page.js';

/** Describes every type of problem at its address: as a page to those who ask for HTML, as JSON to all others. */
@ApiExcludeController()
@Public()
@Controller('problems')
export class ProblemsController {
  @Get()
  list(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: FastifyReply): unknown {
    return wantsHtml(accept) ? asPage(reply, problemsPage()) : { items: failureKinds.map(describe) };
  }

  @Get(':code')
  get(
    @Param('code') code: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): unknown {
    const kind = failureKinds.find((one) => one === code);
    if (!kind) throw new Failure('not-found', 'There is no such type of problem.');
    return wantsHtml(accept) ? asPage(reply, problemPage(kind)) : describe(kind);
  }
}

function asPage(reply: FastifyReply, page: string): string {
  void reply.headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    vary: 'accept',
  });
  return page;
}

function describe(kind: (typeof failureKinds)[number]): object {
  return { type: problemAddress(kind), code: kind, ...problemTypes[kind], description: problemDescriptions[kind] };
}
