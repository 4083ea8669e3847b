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
import { flush, kill, look, type Ask } from './translate.ts';

/** The stock stack, as its manuals put it together: Nest, a validating pipe, a measuring interceptor, axios as it comes. */
const [port, vendors] = process.argv.slice(2);
const headers = { 'x-auth-token': 'bench-token', 'content-type': 'application/json' };

const ask: Ask = async (method, path, body) => {
  const url = `http://127.0.0.1:${vendors ?? ''}${path}`;
  const { data } = await axios.request<string>({
    method,
    url,
    data: body,
    headers,
    transformResponse: (said) => said as string,
  });
  return data;
};

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
