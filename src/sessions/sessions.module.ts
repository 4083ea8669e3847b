import { Module } from '@nestjs/common';
import { OperationsModule } from '../operations/operations.module.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

/** The resource `/sessions`. */
@Module({ imports: [OperationsModule], controllers: [SessionsController], providers: [SessionsService] })
export class SessionsModule {}
