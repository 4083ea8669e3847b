import 'reflect-metadata';
import {
  Body,
  Controller,
  Delete,
  Get,
  Injectable,
  Module,
  Post,
  Query,
  UseInterceptors,
  ValidationPipe,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import axios from 'axios';
import { ArrayMinSize, IsArray, IsIn, IsOptional, IsString } from 'class-validator';
import { Histogram } from 'prom-client';
import { tap } from 'rxjs';
import { Agent } from 'undici';
import type { undiciAdapter, Whole } from '../src/transport/undici.adapter.js';
import { flush, kill, look, type Ask } from './translate.ts';

/**
 * The stock stack, as its manuals put it together: Nest, a validating pipe, a measuring interceptor, axios as it comes;
 * or with `undici`, axios over the adapter that Sluice has: what its packages cost when they do nothing that makes a
 * kill safe.
 */
const [way, port, vendors] = process.argv.slice(2);
const headers = { 'x-auth-token': 'bench-token', 'content-type': 'application/json' };
const addressOf = (path: string): string => `http://127.0.0.1:${vendors ?? ''}${path}`;

const asItComes: Ask = async (method, path, body) => {
  const { data } = await axios.request<string>({
    method,
    url: addressOf(path),
    data: body,
    headers,
    transformResponse: (said) => said as string,
  });
  return data;
};

async function overUndici(): Promise<Ask> {
  const built = '../build/transport/undici.adapter.js';
  const adapters = (await import(built)) as { readonly undiciAdapter: typeof undiciAdapter };
  const dispatcher = new Agent({ pipelining: 1 });
  const limits = { connectMs: 2000, answerMs: 10_000, lookMs: 15_000 };
  return async (method, path, body) => {
    const { signal } = new AbortController();
    const { data } = await axios.request<Whole>({
      adapter: adapters.undiciAdapter({
        request: { method, url: addressOf(path), headers, body: body ?? null },
        ...{ dispatcher, limits, signal, timeoutMs: 10_000, maxBytes: 16 * 1024 * 1024 },
      }),
      transformRequest: [],
      transformResponse: [],
    });
    return data.body.toString();
  };
}

const ask = way === 'undici' ? await overUndici() : asItComes;

class FlushBody {
  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  targets!: string[];

  @IsIn(['graceful', 'forced'])
  mode!: string;

  @IsOptional()
  @IsString()
  reason?: string;
}

class ProcessQuery {
  @IsString()
  target!: string;

  @IsOptional()
  @IsString()
  node?: string;

  @IsOptional()
  id?: string | string[];

  @IsOptional()
  @IsString()
  limit?: string;

  @IsOptional()
  @IsString()
  reason?: string;
}

const seconds = new Histogram({ name: 'http_seconds', help: 'Durations.', labelNames: ['route'] });

@Injectable()
class Measured implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const end = seconds.startTimer({ route: context.getHandler().name });
    return next.handle().pipe(tap(() => end()));
  }
}

@Controller()
@UseInterceptors(Measured)
class Sessions {
  @Post('sessions/flush')
  flush(@Body() { targets, mode }: FlushBody) {
    return flush(ask, targets, mode);
  }

  @Delete('processes')
  kill(@Query() { target, node = '', id = [] }: ProcessQuery) {
    return kill(ask, target, node, [id].flat());
  }

  @Get('processes')
  look(@Query() { target, node = '', limit = '100' }: ProcessQuery) {
    return look(ask, target, node, Number(limit));
  }
}

@Module({ controllers: [Sessions] })
class StockModule {}

const app = await NestFactory.create<NestFastifyApplication>(StockModule, new FastifyAdapter(), { logger: false });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
// Nest answers a POST by 201.
app
  .getHttpAdapter()
  .getInstance()
  .addHook('onSend', async (_request, reply) => void reply.code(200));
await app.listen(Number(port), '127.0.0.1');
