import { Module } from '@nestjs/common';
import { OperationsModule } from '../operations/operations.module.js';
import { ProcessesController } from './processes.controller.js';
import { ProcessesService } from './processes.service.js';

/** The resource `/processes`. */
@Module({ imports: [OperationsModule], controllers: [ProcessesController], providers: [ProcessesService] })
export class ProcessesModule {}
